"""What should have become of every cue of a show, worked out from what its conductors were told, beside what they say.

Of a deck it knows at every instant the schedule, the line and the targets; a cue is expected wherever a line passes it.
All instants are on trio's clock, which no reboot begins anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from beatsync.conductor.actions import Action, Adjust, Load, Rejoin, Remove, Retarget, Seek, Stop
from beatsync.core.cursor import HYSTERESIS
from beatsync.core.engine import MISSED
from beatsync.core.schedule import Cue, Schedule
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, ms
from beatsync.core.verdicts import Cause
from tests.lasting.machine import Applied, Verdict, text_of

PASSED_OVER = "a seek passed over it"

NEAR = ms(45)
"""Within so much of an input a cue may go either way: tests give none that near to a cue."""

Key: TypeAlias = tuple[str, str, str, int, Transport]
"""A cue that a line passes: its deck, its target, what it says, where it lies, and the line."""


@dataclass(frozen=True)
class Segment:
    """A deck has gone along one line, with one schedule, for some targets, from `begin` until `end`."""

    deck: str
    begin: int
    end: int
    line: Transport
    schedule: Schedule
    targets: frozenset[str]

    def expected(self) -> Iterator[Key]:
        """The cues that it passes."""
        first, last = self.line.position_at(HostNs(self.begin - 1)), self.line.position_at(HostNs(self.end + 1))
        for lane in self.schedule.lanes:
            for cue in lane.cues_within(first, last):
                if cue.target in self.targets and self.begin <= self.line.host_at(cue.position) <= self.end:
                    yield key_of(self.deck, cue, self.line)


@dataclass
class _Deck:
    schedule: Schedule | None = None
    track: str = ""
    line: Transport | None = None
    since: int = 0


@dataclass
class Timeline:
    """The segments of all decks."""

    segments: list[Segment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._decks: dict[str, _Deck] = {}
        self._targets: frozenset[str] = frozenset()

    def add(self, applied: Applied) -> None:
        """A conductor was told this."""
        for action in applied.actions:
            self._add(action, applied.at, applied.booted)

    def _add(self, action: Action, at: int, booted: int) -> None:
        match action:
            case Load() | Seek() | Rejoin() | Adjust() | Stop():
                self._move(self._turn(action.deck, at), action, at, booted)
            case Remove(deck=name):
                self._turn(name, at)
                del self._decks[name]
            case Retarget(targets=targets):
                self.perform((target.name for target in targets), at)
            case _:
                pass

    def _move(self, deck: _Deck, action: Load | Seek | Rejoin | Adjust | Stop, at: int, booted: int) -> None:
        match action:
            case Load(schedule=schedule, track=track):
                if deck.track not in {"", track}:
                    deck.line = None
                deck.schedule, deck.track = schedule, track
            case Stop():
                deck.line = None
            case Rejoin(transport=line, since=since):
                deck.line, deck.since = _on_trio(line, booted), since + booted
            case Seek(transport=line) | Adjust(transport=line):
                deck.line = _on_trio(line, booted)
                if isinstance(action, Seek) and 0 <= at - deck.line.host <= HYSTERESIS:
                    deck.since = deck.line.host

    def perform(self, targets: Iterable[str], at: int) -> None:
        """From now on a conductor plays for these targets."""
        for name in self._decks:
            self._turn(name, at)
        self._targets = frozenset(targets)

    def _turn(self, name: str, at: int) -> _Deck:
        """What the deck did until now is a segment."""
        deck = self._decks.setdefault(name, _Deck())
        if deck.line is not None and deck.line.moving and deck.schedule is not None and deck.since < at:
            self.segments.append(Segment(name, deck.since, at, deck.line, deck.schedule, self._targets))
        deck.since = at
        return deck

    def close(self, at: int) -> None:
        """Nothing more is expected."""
        for name in list(self._decks):
            self._turn(name, at)

    def lines_at(self, deck: str, at: int) -> list[Transport]:
        """The line that a deck followed, or both where it took another right then."""
        return [one.line for one in self.segments if one.deck == deck and one.begin <= at <= one.end]

    def expected(self) -> set[Key]:
        """Every cue that was to be decided because playback came to it."""
        return {key for segment in self.segments for key in segment.expected()}


def _on_trio(line: Transport, booted: int) -> Transport:
    return replace(line, host=HostNs(line.host + booted))


def key_of(deck: str, cue: Cue, line: Transport) -> Key:
    text = " ".join([cue.address, *(str(value) for _, value in cue.arguments)])
    return (deck, cue.target, text, cue.position, line)


@dataclass
class Account:
    """How it came out."""

    expected: int = 0
    unaccounted: list[Key] = field(default_factory=list)
    doubled: list[Key] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    unsure: int = 0
    """Those that were sent right before a machine went down, and named as missed since nobody could know."""


def account(timeline: Timeline, verdicts: Iterable[Verdict], deaths: Iterable[int]) -> Account:
    """Hold what was said of the cues against what was to be expected. `deaths`: when machines went down."""
    expected, result = timeline.expected(), Account()
    result.expected = len(expected)
    said: dict[Key, list[Verdict]] = {}
    entered: set[tuple[str, str, str, int]] = set()
    for verdict in once(verdicts):
        outcome = verdict.report.outcome
        result.verdicts[outcome.verdict] += 1
        keys = [key_of(outcome.deck, outcome.cue, line) for line in timeline.lines_at(outcome.deck, verdict.due)]
        known = [key for key in keys if key in expected]
        if outcome.cause in {Cause.CHASE, Cause.ENDING}:
            entered.update(key[:4] for key in keys)
        elif outcome.cause is Cause.COMMAND or outcome.reason == PASSED_OVER:
            pass
        elif known:
            said.setdefault(known[-1], []).append(verdict)
        else:
            result.unexpected.append(
                f"{verdict.due} {outcome.deck} {text_of(verdict)} {outcome.verdict} {outcome.reason}"
            )
    # What was missed and is called for by the position that is entered then is not skipped: it is sent.
    result.unaccounted = [key for key in expected if key not in said and key[:4] not in entered]
    ends = tuple(deaths)
    for key, its in said.items():
        missed = [one for one in its if one.report.outcome.reason == MISSED]
        unsure = len(its) == 2 and len(missed) == 1 and any(0 <= end - its[0].due <= ms(2500) for end in ends)
        result.unsure += unsure
        if len(its) > 1 and not unsure:
            result.doubled.append(key)
    return result


def once(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Each report once: a conductor's successor tells a new daemon of the last step again."""
    known: dict[tuple[object, ...], Verdict] = {}
    for verdict in verdicts:
        report, outcome = verdict.report, verdict.report.outcome
        key = (
            verdict.booted,
            report.at,
            outcome.due,
            outcome.deck,
            outcome.cue.target,
            text_of(verdict),
            outcome.cause,
        )
        known.setdefault((*key, outcome.verdict, outcome.cue.position), verdict)
    return list(known.values())
