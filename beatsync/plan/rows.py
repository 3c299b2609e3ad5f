"""The rows of a plan: each cue of a schedule resolved into plain values. It sends nothing and reads no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from beatsync.core.fields import one_line
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.osc import Tag, Value
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Phase, Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.core.units import NS_PER_MS, DurationNs, TrackNs, clock_face, seconds_from_ns

JsonScalar: TypeAlias = int | float | str | bool | None

_DATALESS: Final = frozenset({Tag.TRUE, Tag.FALSE, Tag.NIL, Tag.IMPULSE})


@dataclass(frozen=True, slots=True)
class PlainMessage:
    """A message as plain values. `types`: `,if`; `arguments`: one for each type, blobs as hexadecimal digits."""

    target: str
    address: str
    types: str
    arguments: tuple[JsonScalar, ...]

    @property
    def text(self) -> str:
        """As people read it, on one line: `/level ,if 3 0.75`."""
        return one_line(" ".join([self.address, self.types, *self._values()]))

    def _values(self) -> Iterator[str]:
        for tag, value in zip(self.types[1:], self.arguments, strict=True):
            if tag not in _DATALESS:
                yield _written(value, quoted=tag != Tag.BLOB)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One cue. It is sent `lead` before its `position` is heard (after it, where negative).

    `bar` and `beat` are those that the position itself lies in, None outside the grid. `ending`: the message that
    follows `hold` after this one was sent, in real time, and so has no row of its own.
    """

    position: TrackNs
    bar: int | None
    beat: int | None
    message: PlainMessage
    why: str
    kind: Kind
    phase: Phase
    lead: Lead
    hold: DurationNs | None = None
    ending: PlainMessage | None = None

    @property
    def seconds(self) -> float:
        """The position in seconds."""
        return seconds_from_ns(self.position)

    @property
    def face(self) -> str:
        """The position as people read it: `1:02.345`."""
        return clock_face(self.position)

    @property
    def bar_beat(self) -> str:
        """`65.3`; empty outside the grid."""
        return "" if self.bar is None else f"{self.bar}.{self.beat}"

    @property
    def what(self) -> str:
        """Pulse or state, or the end of either."""
        return "end" if self.phase is Phase.END else str(self.kind)

    @property
    def text(self) -> str:
        """The message on one line, with what follows it: `/strobe ,i 1, after 500 ms /strobe ,i 0`."""
        if self.ending is None or self.hold is None:
            return self.message.text
        receiver = "" if self.ending.target == self.message.target else f"{one_line(self.ending.target)} "
        return f"{self.message.text}, after {milliseconds(self.hold)} {receiver}{self.ending.text}"


def plan_rows(track: Track, schedule: Schedule, *, targets: Iterable[Target]) -> Iterator[PlanRow]:
    """A row for each cue of the schedule, in its order. A target that is not among `targets` has no lead."""
    leads = leads_of(targets)
    return (row_of(cue, track, lead=leads.get(cue.target, NO_LEAD) + cue.origin.lead) for cue in schedule.cues)


def leads_of(targets: Iterable[Target]) -> Mapping[str, Lead]:
    """The lead of each target by its name."""
    return {target.name: target.lead for target in targets}


def row_of(cue: Cue, track: Track, *, lead: Lead) -> PlanRow:
    """One cue's row."""
    # Of the position itself: a shifted cue and the end of a look lie elsewhere than their moment.
    count = None if track.grid is None else track.grid.count_at(cue.position)
    bar, beat = count or (None, None)
    held = cue.ending if cue.hold is not None and cue.phase is Phase.START else None
    return PlanRow(
        position=cue.position,
        bar=bar,
        beat=beat,
        message=_plain(cue),
        why=cue.why,
        kind=cue.kind,
        phase=cue.phase,
        lead=lead,
        hold=cue.hold if held else None,
        ending=_plain(held) if held else None,
    )


def milliseconds(duration: DurationNs) -> str:
    """`500 ms`, `12.5 ms`."""
    return f"{duration / NS_PER_MS:.10g} ms"


def lead_in_words(lead: Lead) -> str:
    """`40 ms early`, `20 ms late in the music`; empty where there is none."""
    parts = [_early(lead.real), f"{early} in the music" if (early := _early(lead.track)) else ""]
    return ", ".join(part for part in parts if part)


def _early(lead: DurationNs) -> str:
    return f"{milliseconds(DurationNs(abs(lead)))} {'early' if lead > 0 else 'late'}" if lead else ""


def _plain(cue: Cue) -> PlainMessage:
    return PlainMessage(cue.target, cue.address, cue.types, tuple(_plain_value(value) for _, value in cue.arguments))


def _plain_value(value: Value) -> JsonScalar:
    return value.hex() if isinstance(value, bytes) else value


def _written(value: JsonScalar, *, quoted: bool) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if quoted else value
    return f"{value:.6g}" if isinstance(value, float) else str(value)
