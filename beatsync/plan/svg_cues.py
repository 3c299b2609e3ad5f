"""The cues along one line of the drawing: pulses as strokes, states as spans, what is too dense as bands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Phase
from beatsync.core.track import Track
from beatsync.core.units import clock_face
from beatsync.plan.facts import counted
from beatsync.plan.rows import lead_in_words, row_of
from beatsync.plan.svg_axis import Window
from beatsync.plan.svg_colours import HAIR, INK, SOFT, colour_of, tint
from beatsync.plan.svg_rows import Mark, Row, TargetLane
from beatsync.plan.svg_shapes import MONO, arrow, group, label, number, path, rect, text
from beatsync.plan.svg_text import ELLIPSIS, fitted, whole, width_of

HEAD_HEIGHT: Final = 22.0
ROW_HEIGHT: Final = 18.0
LANE_GAP: Final = 8.0

_NAME_GAP: Final = 14.0
_NARROWEST_NAMES: Final = 130.0
_WIDEST_NAMES: Final = 330.0
_WIDEST_TARGET: Final = 700.0
_AROUND_WORDS: Final = 14.0
_INSET: Final = 2.0
_STROKE: Final = 1.6
_LABEL_SIZE: Final = 10
_SHORTEST_HOLD: Final = 4.0
_TITLES_OF_A_BAND: Final = 4
_FAINTEST_BAND: Final = 0.3
_DARKEST_BAND: Final = 0.85
_CUES_A_PIXEL: Final = 2.0
"""From this density on a band is at its darkest."""


def lane_height(lane: TargetLane) -> float:
    """How much room a lane takes."""
    return HEAD_HEIGHT + ROW_HEIGHT * len(lane.rows) + LANE_GAP


def names_width(lanes: Sequence[TargetLane]) -> float:
    """How much room the names of the rows want, within reason."""
    widest = max((width_of(row.label, _LABEL_SIZE, mono=True) for lane in lanes for row in lane.rows), default=0.0)
    return min(max(widest + _NAME_GAP + 2, _NARROWEST_NAMES), _WIDEST_NAMES)


def drawn_lane(
    lane: TargetLane, window: Window, top: float, *, left: float, track: Track, counted_here: bool
) -> Iterator[str]:
    """One target's part of a line, its name and its rows' in the margin from `left`; `counted_here`: its facts too."""
    yield path(f"M{number(left)} {number(top + 2)}H{number(window.right)}", stroke=HAIR, stroke_width=1)
    yield label(left, top + 17, lane.name, _WIDEST_TARGET, size=13, bold=True, fill=INK)
    if counted_here:
        beside = max(left + min(width_of(lane.name, 13, bold=True), _WIDEST_TARGET) + 16, window.left + 4)
        lead = lead_in_words(lane.lead)
        facts = (lane.url, counted(lane.count, "cue"), lead and f"sent {lead}")
        said = "  ·  ".join(fact for fact in facts if fact)
        yield label(beside, top + 16, said, window.right - beside, size=10, fill=SOFT)
    for index, row in enumerate(lane.rows):
        at = top + HEAD_HEIGHT + index * ROW_HEIGHT
        room = window.left - _NAME_GAP - left
        x = window.left - _NAME_GAP
        yield label(x, at + 12.5, row.label, room, size=_LABEL_SIZE, mono=True, fill=SOFT, text_anchor="end")
        yield group(_drawn_row(row, lane, window, at, track=track))


def _drawn_row(row: Row, lane: TargetLane, window: Window, top: float, *, track: Track) -> Iterator[str]:
    yield path(f"M{number(window.left)} {number(top + ROW_HEIGHT - 0.5)}H{number(window.right)}", stroke=HAIR)
    pen = _Pen(window, top, row.label, lambda cue: row_title(cue, lane, track))
    for run in row.runs:
        marks = row.marks[run.first : run.last + 1]
        if run.count > 1:
            if window.start <= marks[0].at < window.end:
                yield pen.band(marks)
        elif row.kind is Kind.STATE:
            yield from pen.state(marks[0])
        else:
            yield from pen.pulse(marks[0])


def row_title(cue: Cue, lane: TargetLane, track: Track) -> str:
    """What is shown when the pointer rests on a cue."""
    row = row_of(cue, track, lead=lane.lead + cue.origin.lead)
    place = " · ".join(part for part in (row.face, row.bar_beat and f"bar {row.bar_beat}") if part)
    lead = lead_in_words(row.lead)
    return "\n".join([place, f"{lane.name} {row.text}", row.why, *([f"sent {lead}"] if lead else [])])


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws the marks of one row of one line."""

    window: Window
    top: float
    look: str
    title: Callable[[Cue], str]

    def pulse(self, mark: Mark) -> Iterator[str]:
        if self._here(mark.at):
            x = self.window.x(mark.at)
            if mark.cue.hold is not None and self.window.x(mark.until) - x > _SHORTEST_HOLD:
                yield rect(x, self._middle - 1, self.window.x(mark.until) - x, 2, fill=SOFT, fill_opacity=0.6)
            if mark.cue.phase is Phase.END:
                yield self._end(mark.cue, mark.at)
            else:
                yield self._stroke(x, mark.cue)
        if mark.end is not None:
            yield self._end(mark.end, mark.end_at)
        yield self._release(mark)

    def state(self, mark: Mark) -> Iterator[str]:
        if mark.cue.phase is Phase.END:
            yield self._end(mark.cue, mark.at)
            return
        yield from self._standing(mark)
        yield from self._span(mark)
        if mark.end is not None:
            yield self._end(mark.end, mark.end_at)
        yield self._release(mark)

    def band(self, marks: Sequence[Mark]) -> str:
        left, right = self.window.x(marks[0].at), self.window.x(marks[-1].at)
        width = max(right - left, 0.0) + _STROKE
        count = sum(mark.count for mark in marks)
        share = min(len(marks) / width / _CUES_A_PIXEL, 1.0)
        return rect(
            left - _STROKE / 2,
            self.top + _INSET,
            width,
            ROW_HEIGHT - 2 * _INSET - 1,
            fill=INK,
            fill_opacity=_FAINTEST_BAND + (_DARKEST_BAND - _FAINTEST_BAND) * share,
            title=self._band_title(marks, count),
            cues=count,
        )

    def _band_title(self, marks: Sequence[Mark], count: int) -> str:
        first, last = marks[0].cue, marks[-1].cue
        where = f"{clock_face(first.position)} to {clock_face(last.position)}"
        if len(marks) <= _TITLES_OF_A_BAND:
            return f"{counted(count, 'cue')}, {where}\n" + "\n".join(self.title(mark.cue) for mark in marks)
        return f"{counted(count, 'cue')}, {where}\nfirst: {self.title(first)}"

    @property
    def _middle(self) -> float:
        return self.top + ROW_HEIGHT / 2 - 0.5

    def _here(self, position: int) -> bool:
        return self.window.start <= position < self.window.end

    def _stroke(self, x: float, cue: Cue) -> str:
        return rect(
            x - _STROKE / 2,
            self.top + _INSET,
            _STROKE,
            ROW_HEIGHT - 2 * _INSET - 1,
            fill=INK,
            title=self.title(cue),
            cues=1,
        )

    def _span(self, mark: Mark) -> Iterator[str]:
        clip = self.window.clip(mark.at, max(mark.until, mark.at + 1))
        if clip is None:
            return
        left, width = clip[0], max(clip[1] - clip[0], _STROKE)
        colour = colour_of(mark.cue.place.section)
        begins = self._here(mark.at)
        top, height = self.top + _INSET, ROW_HEIGHT - 2 * _INSET - 1
        yield rect(
            left, top, width, height, fill=tint(colour, 0.42).hex, title=self.title(mark.cue), cues=1 if begins else 0
        )
        if begins:
            yield rect(left, top, min(3.0, width), height, fill=colour.hex)
        words = self._words(mark.cue, width - _AROUND_WORDS, going_on=not begins)
        yield text(left + 7, top + 10, words, font_size=_LABEL_SIZE, fill=INK, font_family=MONO)

    def _words(self, cue: Cue, width: float, *, going_on: bool) -> str:
        """The message, or less and less of it: what the row's name does not say already goes last."""
        before = f"{ELLIPSIS} " if going_on else ""
        values = " ".join(str(value) for _, value in cue.arguments if not isinstance(value, bytes))
        particular = self._particular(cue.address)
        for words in (f"{cue.address} {values}", f"{particular} {values}", particular or values):
            if shown := whole(before + words.strip(), width, _LABEL_SIZE, mono=True):
                return shown
        return fitted(before + (particular or values), width, _LABEL_SIZE, mono=True)

    def _particular(self, address: str) -> str:
        """Which part of an address is not in the name of its row, where names in braces stand for it."""
        before, after = self.look.partition("{")[0], self.look.rpartition("}")[2]
        if before == self.look:
            return "" if address == self.look else address.rpartition("/")[2]
        if address.startswith(before) and address.endswith(after):
            return address[len(before) : len(address) - len(after)]
        return address.rpartition("/")[2]

    def _standing(self, mark: Mark) -> Iterator[str]:
        """Nothing ends this look: it stays until the next one comes."""
        clip = self.window.clip(mark.until, mark.stands)
        if clip and clip[1] - clip[0] > 3:
            line = f"M{number(clip[0])} {number(self._middle)}H{number(clip[1])}"
            stroke = colour_of(mark.cue.place.section).hex
            yield path(line, stroke=stroke, stroke_width=2, stroke_dasharray="2 4", fill="none")

    def _release(self, mark: Mark) -> str:
        """The planned end of a look that is held for a time of its own, unless it is as good as at its beginning."""
        if mark.released is None or not self._here(mark.released):
            return ""
        if (mark.released - mark.at) / self.window.ns_per_pixel < _SHORTEST_HOLD:
            return ""
        return arrow(self.window.x(mark.released), self._middle, title=self.title(mark.cue), fill=INK)

    def _end(self, cue: Cue, position: int) -> str:
        if not self._here(position):
            return ""
        return arrow(self.window.x(position), self._middle, title=self.title(cue), cues=1, fill=INK)
