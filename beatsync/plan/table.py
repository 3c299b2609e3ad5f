"""The plan as a table for people: warnings first, then the track, then a line for each cue.

It is laid out by hand: rich's own Table takes seven seconds for ten thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from beatsync.core.fields import one_line
from beatsync.core.leads import NO_LEAD
from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Section, Track
from beatsync.core.units import clock_face
from beatsync.plan.facts import all_notes, counted, cue_facts, track_facts, track_name
from beatsync.plan.rows import PlanRow, lead_in_words, leads_of, plan_rows

_SECTIONS_SHOWN: Final = 40
_TITLES: Final = ("time", "bar", "kind", "target", "message", "why")
_STYLES: Final = (Style(bold=True), Style(dim=True), Style(dim=True), Style(color="cyan"), Style(), Style(dim=True))
_TO_THE_RIGHT: Final = frozenset({0, 1})
_WIDEST_TARGET: Final = 12
_NARROWEST: Final = 8
_GAP: Final = "  "


def plan_table(
    track: Track,
    schedule: Schedule,
    *,
    targets: Sequence[Target],
    notes: Sequence[Note] = (),
    title: str | None = None,
) -> RenderableType:
    """Something for rich to print: it fits the console's width and is plain text where that is no terminal.

    `title`: its headline, else the track's name.
    """
    rows = tuple(plan_rows(track, schedule, targets=targets))
    parts: list[RenderableType] = [*_warnings(all_notes(notes, schedule)), *_header(title, track, schedule, targets)]
    parts.append(CueLines(rows) if rows else Text("no cues: nothing will be sent", style="bold yellow"))
    return Group(*parts)


def _warnings(notes: Sequence[Note]) -> Iterator[RenderableType]:
    if notes:
        lines = Text("\n").join(Text(f"! {one_line(str(note))}") for note in notes)
        yield Panel.fit(lines, title=counted(len(notes), "warning").upper(), title_align="left", style="bold yellow")


def _header(title: str | None, track: Track, schedule: Schedule, targets: Sequence[Target]) -> Iterator[RenderableType]:
    yield Text(title or track_name(track), style="bold")
    yield Text(" · ".join(track_facts(track)))
    if track.sections:
        yield Text(_sections(track.sections), style="dim")
    yield Text(cue_facts(schedule))
    leads = leads_of(targets)
    urls = {target.name: target.url for target in targets}
    for name in dict.fromkeys([*urls, *schedule.targets]):
        facts = [urls.get(name, ""), counted(len(tuple(schedule.cues_of(name))), "cue")]
        facts.append(lead_in_words(leads.get(name, NO_LEAD)))
        yield Text(f"  {one_line(name)}: " + " · ".join(fact for fact in facts if fact))
    yield Text("")


def _sections(sections: Sequence[Section]) -> str:
    """`Intro 0:00.000 · Build 0:15.000 (energy 2) · ...`."""
    shown = [
        f"{one_line(section.name)} {clock_face(section.start)}"
        + (f" (energy {section.energy})" if section.energy is not None else "")
        for section in sections[:_SECTIONS_SHOWN]
    ]
    rest = len(sections) - len(shown)
    return " · ".join([*shown, f"and {rest:,} more"] if rest else shown)


@dataclass(frozen=True, slots=True)
class CueLines:
    """The lines of the cues in columns; what does not fit its column goes on in the next line, nothing is cut off."""

    rows: tuple[PlanRow, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """What rich calls to print it."""
        cells = [_cells(row) for row in self.rows]
        widths = _widths(cells, options.max_width)
        yield from _line(_TITLES, widths, [Style(bold=True, underline=True)] * len(_TITLES))
        for row in cells:
            folded = [_folded(cell, width, console) for cell, width in zip(row, widths, strict=True)]
            for index in range(max(map(len, folded))):
                line = tuple(lines[index] if index < len(lines) else "" for lines in folded)
                yield from _line(line, widths, _STYLES)


def _cells(row: PlanRow) -> tuple[str, ...]:
    return (row.face, row.bar_beat or "-", row.what, one_line(row.message.target), row.text, one_line(row.why))


def _widths(rows: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """The first columns as wide as they need to be; the last two share the rest as their longest texts ask."""
    needed = [max(map(cell_len, column)) for column in zip(_TITLES, *rows, strict=True)]
    needed[3] = min(needed[3], _WIDEST_TARGET)
    room = max(width - sum(needed[:4]) - len(_GAP) * (len(needed) - 1), 2 * _NARROWEST)
    message, why = needed[4:]
    if message + why > room:
        message = min(message, max(room - why, room // 2))
    return [*needed[:4], message, min(why, room - message)]


def _folded(text: str, width: int, console: Console) -> list[str]:
    cells = cell_len(text)
    if cells <= width:
        return [text]
    if cells == len(text):
        return wrap(text, width, break_on_hyphens=False)
    return [line.plain.rstrip() for line in Text(text).wrap(console, width, overflow="fold")]


def _line(cells: Sequence[str], widths: Sequence[int], styles: Iterable[Style]) -> Iterator[Segment]:
    last = max((index for index, cell in enumerate(cells) if cell), default=0)
    for index, (cell, width, style) in enumerate(zip(cells, widths, styles, strict=True)):
        space = " " * (width - cell_len(cell))
        if index in _TO_THE_RIGHT:
            yield Segment(space)
        yield Segment(cell, style)
        if index >= last:
            break
        yield Segment(_GAP if index in _TO_THE_RIGHT else space + _GAP)
    yield Segment.line()
