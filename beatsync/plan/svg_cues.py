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
from beatsync.plan.svg_shapes import MONO, arrow, fitted, group, number, path, rect, text

HEAD_HEIGHT: Final = 22.0
ROW_HEIGHT: Final = 18.0
LANE_GAP: Final = 8.0

_INSET: Final = 2.0
_STROKE: Final = 1.6
_LABEL_SIZE: Final = 10
_SHORTEST_HOLD: Final = 2.0
_TITLES_OF_A_BAND: Final = 4
_FAINTEST_BAND: Final = 0.3
_DARKEST_BAND: Final = 0.85
_CUES_A_PIXEL: Final = 2.0
"""From this density on a band is at its darkest."""


def lane_height(lane: TargetLane) -> float:
    """How much room a lane takes."""
    return HEAD_HEIGHT + ROW_HEIGHT * len(lane.rows) + LANE_GAP


def drawn_lane(lane: TargetLane, window: Window, top: float, *, track: Track, counted_here: bool) -> Iterator[str]:
    """One target's part of a line, with its name and its rows' in the margin; `counted_here`: its facts too."""
    yield path(f"M{number(window.left - 190)} {number(top + 2)}H{number(window.right)}", stroke=HAIR, stroke_width=1)
    name = fitted(lane.name, 100, 13, bold=True)
    yield text(window.left - 190, top + 17, name, font_size=13, font_weight="bold", fill=INK)
    if counted_here:
        facts = " · ".join(fact for fact in (counted(lane.count, "cue"), lead_in_words(lane.lead)) if fact)
        yield text(window.left + 4, top + 16, facts, font_size=10, fill=SOFT)
    for index, row in enumerate(lane.rows):
        at = top + HEAD_HEIGHT + index * ROW_HEIGHT
        label = fitted(row.label, 176, _LABEL_SIZE, mono=True)
        yield text(
            window.left - 14, at + 12.5, label, text_anchor="end", font_size=_LABEL_SIZE, fill=SOFT, font_family=MONO
        )
        yield group(_drawn_row(row, lane, window, at, track=track))


def _drawn_row(row: Row, lane: TargetLane, window: Window, top: float, *, track: Track) -> Iterator[str]:
    yield path(f"M{number(window.left)} {number(top + ROW_HEIGHT - 0.5)}H{number(window.right)}", stroke=HAIR)
    pen = _Pen(window, top, lambda cue: row_title(cue, lane, track))
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

    def state(self, mark: Mark) -> Iterator[str]:
        if mark.cue.phase is Phase.END:
            yield self._end(mark.cue, mark.at)
            return
        yield from self._standing(mark)
        yield from self._span(mark)
        if mark.end is not None:
            yield self._end(mark.end, mark.end_at)
        if mark.cue.hold is not None and mark.until == mark.cue.position + mark.cue.hold and self._here(mark.until):
            yield arrow(self.window.x(mark.until), self._middle, fill=INK)

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
        words = self._words(mark.cue, width - 12, going_on=not begins)
        yield text(left + 7, top + 10, words, font_size=_LABEL_SIZE, fill=INK, font_family=MONO)

    def _words(self, cue: Cue, width: float, *, going_on: bool) -> str:
        """The address with its arguments, or without, or its last part: as much as there is room for."""
        if going_on:
            return fitted(f"… {cue.address}", width, _LABEL_SIZE, mono=True)
        values = " ".join(str(value) for _, value in cue.arguments if not isinstance(value, bytes))
        for words in (f"{cue.address} {values}".strip(), cue.address):
            if fitted(words, width, _LABEL_SIZE, mono=True) == words:
                return words
        return fitted(cue.address.rpartition("/")[2], width, _LABEL_SIZE, mono=True)

    def _standing(self, mark: Mark) -> Iterator[str]:
        """Nothing ends this look: it stays until the next one comes."""
        clip = self.window.clip(mark.until, mark.stands)
        if clip and clip[1] - clip[0] > 3:
            line = f"M{number(clip[0])} {number(self._middle)}H{number(clip[1])}"
            stroke = colour_of(mark.cue.place.section).hex
            yield path(line, stroke=stroke, stroke_width=2, stroke_dasharray="2 4", fill="none")

    def _end(self, cue: Cue, position: int) -> str:
        if not self._here(position):
            return ""
        return arrow(self.window.x(position), self._middle, title=self.title(cue), cues=1, fill=INK)
