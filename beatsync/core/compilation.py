"""Rules and a track to a schedule. Pure: the same rules and track give the same schedule."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import assert_never

from beatsync.core.expressions import ExpressionError
from beatsync.core.limits import MANY_CUES, MAX_CUES, MAX_SCHEDULE_BYTES, UNFRAGMENTED_BYTES
from beatsync.core.message_making import Made, MessageMaker
from beatsync.core.moments import Moments, NoGrid
from beatsync.core.notes import Note
from beatsync.core.occasions import Occasion
from beatsync.core.osc import OscError
from beatsync.core.room import A_DATAGRAM, Room, room_of
from beatsync.core.rules import Every, GridShift, Kind, Moment, Rule, Send, SpanEdge, TimeShift, TrackEdge, Unit
from beatsync.core.schedule import Cue, Origin, Phase, Schedule, schedule_of
from beatsync.core.targets import Target
from beatsync.core.track import Layer, Track
from beatsync.core.units import NS_PER_SECOND, TrackNs, clock_face
from beatsync.errors import ConfigError, ConfigProblem

_SENDS_PER_RULE = 1 << 20
_PROBLEMS_PER_RULE = 10
_FIGURE = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")


def compile_schedule(track: Track, rules: Iterable[Rule], targets: Iterable[Target]) -> Schedule:
    """The schedule of `track` under `rules`.

    What a rule asks for and the track does not have (a grid, labels) becomes a note: the rest of the show is good.
    Raises ConfigError where a rule's own arguments cannot be sent, with every such rule.
    """
    chosen = tuple(targets)
    notes: list[Note] = []
    problems: list[ConfigProblem] = []
    with _collector_at_rest():
        rooms = {target.name: room_of(target) for target in chosen}
        cues = _cues(track, rules, rooms, notes, problems)
        if problems:
            raise ConfigError(tuple(problems))
        return schedule_of(cues, [*notes, *_crowds(cues, chosen), *_contradictions(cues)])


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Compiling makes many objects and no cycles: looking for garbage meanwhile takes a fifth of the time."""
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def _cues(
    track: Track,
    rules: Iterable[Rule],
    rooms: Mapping[str, Room],
    notes: list[Note],
    problems: list[ConfigProblem],
) -> list[Cue]:
    moments = Moments(track)
    cues: list[Cue] = []
    size = 0
    for index, rule in enumerate(rules):
        made = _CuesOfRule(rule, index * _SENDS_PER_RULE, track, rooms)
        cues += made.cues(moments)
        notes += made.notes
        problems += made.problems
        if len(cues) > MAX_CUES:
            problems.append(_problem(rule, f"more than {MAX_CUES:,} cues; use fewer rules on every beat"))
            break
        size += made.bytes
        if size > MAX_SCHEDULE_BYTES:
            most = MAX_SCHEDULE_BYTES // 1024**2
            problems.append(_problem(rule, f"with its messages the schedule takes more than {most} MB; shorten them"))
            break
    return cues


def _problem(rule: Rule, message: str) -> ConfigProblem:
    return ConfigProblem(path=rule.place, message=message)


def _crowds(cues: list[Cue], targets: Iterable[Target]) -> Iterator[Note]:
    """Targets that get more pulses within a second than their max_rate, and very long schedules."""
    if len(cues) > MANY_CUES:
        yield Note("", f"{len(cues)} cues; more than {MANY_CUES} is unusual")
    pulses: dict[str, list[TrackNs]] = {}
    for cue in cues:
        if cue.kind is Kind.PULSE and cue.phase is Phase.START:
            pulses.setdefault(cue.target, []).append(cue.position)
    for target in targets:
        starts = sorted(pulses.get(target.name, ()))
        first = 0
        for last, position in enumerate(starts):
            while position - starts[first] >= NS_PER_SECOND:
                first += 1
            if last - first >= target.max_rate:
                yield Note(
                    f"targets.{target.name}",
                    f"more than {target.max_rate} pulses within a second at {clock_face(starts[first])}; "
                    f"those beyond max_rate: {target.max_rate} are suppressed; raise it if the receiver keeps up",
                )
                break


def _contradictions(cues: Iterable[Cue]) -> Iterator[Note]:
    """Two rules that say different things at one address of one target at one instant; each pair is told once."""
    first: dict[tuple[str, str, TrackNs], Cue] = {}
    told: set[tuple[str, str]] = set()
    for cue in cues:
        if cue.phase is Phase.END:
            continue
        earlier = first.setdefault((cue.target, cue.address, cue.position), cue)
        pair = (earlier.origin.title, cue.origin.title)
        if earlier.packet != cue.packet and pair not in told:
            told.add(pair)
            yield Note(
                cue.origin.title,
                f"sends {cue.address} to {cue.target} at {clock_face(cue.position)} with other arguments than "
                f"{earlier.origin.title} at the same instant; the receiver gets both, this one last",
            )


class _SendMaker:
    """Makes the cues of one send of a rule."""

    def __init__(self, rule: Rule, send: Send, order: int, room: Room) -> None:
        message = send.message
        self._start = MessageMaker(message, room)
        self._end = MessageMaker(send.ending.message, room) if send.ending else None
        self._hold = send.ending.after if send.ending else None
        look = send.look or message.address.source
        self._origin = Origin(
            title=rule.title,
            order=order,
            target=message.target,
            look=look,
            kind=rule.kind,
            policy=rule.policy,
            lead=rule.lead,
            hold=self._hold,
        )

    def add(self, cues: list[Cue], occasion: Occasion, position: TrackNs, until: TrackNs) -> None:
        """Add the cue to `cues`, and the one that ends it where that has a place of its own in the track."""
        end: Cue | None = None
        if self._end is not None:
            end = self._cue(self._end.made(occasion), occasion, Phase.END, span=(until, until))
        start = self._cue(self._start.made(occasion), occasion, Phase.START, span=(position, until), ending=end)
        cues.append(start)
        if end is not None and self._hold is None and not start.is_endless:
            cues.append(end)

    def _cue(
        self,
        made: Made,
        occasion: Occasion,
        phase: Phase,
        *,
        span: tuple[TrackNs, TrackNs],
        ending: Cue | None = None,
    ) -> Cue:
        return Cue(
            position=span[0],
            until=span[1],
            phase=phase,
            address=made.address,
            arguments=made.arguments,
            packet=made.packet,
            origin=self._origin,
            place=occasion,
            ending=ending,
        )


@dataclass(slots=True)
class _Failure:
    """A message that cannot be made: why, at which occasion first, and how often."""

    message: str
    first: str
    count: int = 1

    def __str__(self) -> str:
        often = f"for {self.count:,} cues, first " if self.count > 1 else ""
        return f"{self.message} ({often}at {self.first})"


class _CuesOfRule:
    """Makes one rule's cues, and keeps what is to be said about them."""

    def __init__(self, rule: Rule, order: int, track: Track, rooms: Mapping[str, Room]) -> None:
        self.notes: list[Note] = []
        self.bytes = 0
        self._rule = rule
        self._track = track
        self._failures: dict[tuple[str, str], _Failure] = {}
        self._rooms = {send.message.target: rooms.get(send.message.target, A_DATAGRAM) for send in rule.sends}
        self._sends = [
            _SendMaker(rule, send, order + number, self._rooms[send.message.target])
            for number, send in enumerate(rule.sends)
        ]

    @property
    def problems(self) -> list[ConfigProblem]:
        """What is wrong, each mistake once however many cues it spoils."""
        return [ConfigProblem(path=place, message=str(failure)) for (place, _), failure in self._failures.items()]

    def cues(self, moments: Moments) -> list[Cue]:
        """The rule's cues in this track."""
        cues: list[Cue] = []
        try:
            self._check_labels()
            for occasion in moments.matching(self._rule.on, self._rule.when):
                self._add(cues, occasion)
        except (NoGrid, _NoLabels) as reason:
            self.notes.append(Note(self._rule.title, f"left out: it {reason}"))
            return []
        self._remark(cues)
        return cues

    def _check_labels(self) -> None:
        """A track without labels drives no message that is addressed by label, rather than one to `Unknown`."""
        rule = self._rule
        layer = _layer_of(rule.on)
        spans = self._track.layer(layer)
        goes_by_label = rule.when.label or any("label" in send.message.address.names for send in rule.sends)
        if goes_by_label and spans and not any(span.label for span in spans):
            raise _NoLabels(f"goes by label, and no {layer} of this track has one")

    def _add(self, cues: list[Cue], occasion: Occasion) -> None:
        position, until = self._shifted(occasion.position), self._shifted(occasion.end)
        for number, send in enumerate(self._sends):
            try:
                send.add(cues, occasion, position, until)
            except (ExpressionError, OscError) as error:
                self._fail(self._place_of(number), str(error), occasion)

    def _place_of(self, number: int) -> str:
        """Where the send with this number stands; one message to several targets is one in the file."""
        written = list(dict.fromkeys(send.number for send in self._rule.sends))
        index = self._rule.sends[number].number
        return f"{self._rule.place}.send" + (f"[{index}]" if len(written) > 1 else "")

    def _fail(self, place: str, message: str, occasion: Occasion) -> None:
        """One more cue that cannot be made; figures aside the same message is the same mistake."""
        kind = (place, _FIGURE.sub("#", message))
        if kind in self._failures:
            self._failures[kind].count += 1
        elif len(self._failures) < _PROBLEMS_PER_RULE:
            self._failures[kind] = _Failure(message, occasion.name)

    def _shifted(self, position: TrackNs) -> TrackNs:
        shift, grid = self._rule.at, self._track.grid
        match shift:
            case None:
                return position
            case TimeShift(by):
                return TrackNs(position + by)
            case GridShift(count, unit):
                if grid is None or (unit is Unit.BAR and not grid.bars):
                    missing = "beats" if grid is None else "downbeats"
                    raise NoGrid(f"is shifted by {unit}s, and this track has no {missing}")
                along = grid.shifted_by_beats if unit is Unit.BEAT else grid.shifted_by_bars
                return along(position, count)
            case _:
                assert_never(shift)

    def _remark(self, cues: list[Cue]) -> None:
        title = self._rule.title
        if not cues and not self.problems and self._rule.place != "default":
            self.notes.append(Note(title, "matches nothing in this track"))
        early = sum(cue.position < 0 for cue in cues)
        if early:
            self.notes.append(Note(title, f"{early} cues lie before the track's start: only a countdown reaches them"))
        self.bytes = sum(len(cue.packet) for cue in cues)
        largest = max((len(cue.packet) for cue in cues if self._rooms[cue.target].in_fragments), default=0)
        if largest > UNFRAGMENTED_BYTES:
            self.notes.append(
                Note(title, f"messages of {largest} bytes; a network may lose those above {UNFRAGMENTED_BYTES}"),
            )


def _layer_of(moment: Moment) -> Layer:
    """Whose labels a rule on `moment` goes by."""
    match moment:
        case SpanEdge(layer) | Every(within=Layer() as layer):
            return layer
        case Every() | TrackEdge():
            return Layer.SECTION
        case _:
            assert_never(moment)


class _NoLabels(ValueError):
    """A rule goes by label and the track has none."""
