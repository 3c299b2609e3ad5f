"""The plan as one picture: the music above, each target's cues below, in stand-alone SVG without scripts or references.

A plain function of its arguments; about two megabytes at the most, however long the track.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from beatsync.core.notes import Note
from beatsync.core.rules import Kind
from beatsync.core.schedule import Phase, Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.plan.facts import all_notes, cue_facts, track_facts, track_name
from beatsync.plan.svg_axis import Window, lines_of, reach
from beatsync.plan.svg_colours import FAINT, INK, PAPER, SOFT
from beatsync.plan.svg_cues import drawn_lane, lane_height, names_width
from beatsync.plan.svg_music import features, music, overview, staves_at
from beatsync.plan.svg_rows import Mark, Row, TargetLane, bundled, lanes_of
from beatsync.plan.svg_shapes import SANS, number, path, rect, text
from beatsync.plan.svg_text import plain
from beatsync.plan.svg_words import Page, head, legend, remark_on_edges, warnings

WIDTH: Final = 1600.0

_MARGIN: Final = 32.0
_MOST_MARKS: Final = 6000
_BREAKING_PIXELS: Final = 8.0
_GAP: Final = 30.0


def plan_svg(
    track: Track,
    schedule: Schedule,
    *,
    targets: Sequence[Target],
    notes: Sequence[Note] = (),
    title: str | None = None,
) -> str:
    """The picture as SVG text, in ASCII so that any stream takes it.

    `title`: its headline, else the track's name; `notes`: shown at its foot.
    """
    told = all_notes(notes, schedule)
    headline = plain(title).replace("\n", " ") if title else track_name(track).capitalize()
    first, last = reach(track, schedule)
    lanes = lanes_of(schedule, targets, first=first, last=last)
    left = _MARGIN + names_width(lanes)
    rows = sum(len(lane.rows) for lane in lanes)
    windows = lines_of(first, last, rows=rows, left=left, width=WIDTH - left - _MARGIN)
    lanes = bundled(
        lanes, ns_per_pixel=windows[0].ns_per_pixel, budget=_MOST_MARKS, breaks=_breaks(track, windows, rows=rows)
    )
    page = Page(_MARGIN, WIDTH - 2 * _MARGIN, _MARGIN)
    head(page, headline, track, schedule, warnings=len(told))
    _draw(page, track, lanes, windows)
    legend(page, [*_features(lanes, first, last, track), *features(track)])
    remark_on_edges(page, _outside(schedule, first, last))
    warnings(page, told)
    about = ", ".join([*track_facts(track), cue_facts(schedule)])
    return _document(page, headline, about)


def _outside(schedule: Schedule, first: int, last: int) -> int:
    """How many cues lie outside [`first`, `last`)."""
    return sum(
        bisect_left(lane.positions, first) + len(lane.positions) - bisect_left(lane.positions, last)
        for lane in schedule.lanes
    )


def _breaks(track: Track, windows: Sequence[Window], *, rows: int) -> tuple[int, ...]:
    """Where a band of dense cues is broken up: between lines, and between sections wide enough to be told apart."""
    least = _BREAKING_PIXELS * windows[0].ns_per_pixel
    wide = {section.start for section in track.sections if section.end - section.start >= least}
    if len(wide) * rows > _MOST_MARKS // 2:
        wide = set()
    return tuple(sorted(wide | {window.start for window in windows}))


def _draw(page: Page, track: Track, lanes: Sequence[TargetLane], windows: Sequence[Window]) -> None:
    """All lines, under one of the whole track where there are several."""
    if len(windows) > 1:
        whole = Window(windows[0].start, windows[-1].end, windows[0].left, windows[0].width)
        drawn, bottom = overview(track, whole, page.y)
        page.add(drawn, _line_numbers(whole, windows, bottom), height=bottom - page.y + _GAP + 20)
    for index, window in enumerate(windows):
        staves = staves_at(page.y, track, window)
        bottom = staves.bottom + sum(map(lane_height, lanes))
        if len(windows) > 1:
            page.add(_line_number(index, page.left, page.y))
        page.add(*music(track, window, staves, bottom))
        top = staves.bottom
        for lane in lanes:
            page.add(*drawn_lane(lane, window, top, left=page.left, track=track, counted_here=index == 0))
            top += lane_height(lane)
        page.add(height=bottom - page.y + (_GAP if index + 1 < len(windows) else 0))


def _line_number(index: int, x: float, y: float) -> str:
    return rect(x, y + 4, 26, 20, rx=4, fill=INK) + text(
        x + 13, y + 18, str(index + 1), font_size=12, font_weight="bold", text_anchor="middle", fill="#ffffff"
    )


def _line_numbers(whole: Window, windows: Sequence[Window], y: float) -> str:
    """Under the overview, which part of it each line shows."""
    parts = []
    for index, window in enumerate(windows):
        start, end = whole.x(window.start), whole.x(window.end)
        line = f"M{number(start + 2)} {number(y + 4)}v4H{number(end - 2)}v-4"
        parts.append(path(line, stroke=FAINT, fill="none"))
        parts.append(text((start + end) / 2, y + 20, str(index + 1), font_size=11, text_anchor="middle", fill=SOFT))
    return "".join(parts)


def _features(lanes: Sequence[TargetLane], first: int, last: int, track: Track) -> set[str]:
    """Which marks there are, for the legend."""
    found: set[str] = set()
    if first < 0 or last > track.duration + 1:
        found.add("outside")
    for lane in lanes:
        for row in lane.rows:
            if any(run.count > 1 for run in row.runs):
                found.add("band")
            for run in row.runs:
                if run.count == 1:
                    found.update(_features_of(row.marks[run.first], row))
    return found


def _features_of(mark: Mark, row: Row) -> Iterator[str]:
    held = mark.cue.hold is not None
    if mark.end is not None or mark.cue.phase is Phase.END or mark.released is not None:
        yield "end"
    if mark.cue.phase is Phase.START:
        yield "state" if row.kind is Kind.STATE else "pulse"
        if held and row.kind is Kind.PULSE:
            yield "hold"
    if mark.stands > mark.until:
        yield "stands"


def _document(page: Page, headline: str, about: str) -> str:
    height = page.y + _MARGIN
    size = f'width="{number(WIDTH)}" height="{number(height)}" viewBox="0 0 {number(WIDTH)} {number(height)}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{SANS}">\n'
        f"<title>{escape(headline)}</title><desc>{escape(plain(about))}</desc>\n"
        f"{rect(0, 0, WIDTH, height, fill=PAPER)}\n{''.join(page.parts)}</svg>\n"
    )
    return svg.encode("ascii", "xmlcharrefreplace").decode("ascii")
