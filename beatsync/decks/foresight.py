"""What decks are going to send, as far as can be known: for clients that ask now and then, and must not miss a cue.

A twin of the conductor is told everything that the conductor is told, and sends nothing. Ahead of the present a copy of
it is played, so that leads, holds, silences and what a rule says of jumps are as they will be. While nobody looks the
twin rests: it knows what is loaded and who is silent, and plays nothing. Pure: told `now`.

A deck's cues come in generations: within one, what was foreseen stays, at most at slightly other instants (another
`line`). A seek, a pause, another track, other rules or a mute begin a new one: what was foreseen from then on is void.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.conductor.actions import (
    Action,
    Adjust,
    Fire,
    Load,
    Rejoin,
    Release,
    Remove,
    Retarget,
    Seek,
    SetLead,
    SetTrackLead,
    Silence,
    Stop,
)
from beatsync.conductor.company import Company
from beatsync.core.cursor import HYSTERESIS
from beatsync.core.engine import Engine
from beatsync.core.memory import EngineMemory
from beatsync.core.schedule import Cue, Phase
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, ms
from beatsync.core.verdicts import Outcome
from beatsync.decks.course import MOST, Course, Foreseen, Mark

_OTHER_LINE: Final = ms(1)
_OTHER_RATE: Final = 0.02
_FAR: Final = 10 * NS_PER_SECOND

RESTS_AFTER: Final = 60 * NS_PER_SECOND
"""Nobody has looked for so long: whoever looks then begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What lies ahead of a deck; `mark`: for the next look.

    `void_after`: what was shown before of an older generation and is due later than this will not be sent; None where
    nothing is void. `anew`: this is the continuation of nothing; then `standing` is what has begun and not ended.
    """

    generation: int
    void_after: HostNs | None
    mark: Mark
    anew: bool
    standing: tuple[Cue, ...]
    cues: tuple[Foreseen, ...]


class Foresight:
    """Knows what all decks are going to send."""

    def __init__(self, targets: Iterable[Target], loads: Iterable[Load] = ()) -> None:
        """`loads`: what the conductor's decks begin with."""
        self._company = Company(targets)
        self._courses: dict[str, Course] = {}
        self._told_at = HostNs(0)
        self._looked_at = HostNs(0)
        self._resting: dict[str, Transport] | None = {}
        """The lines of the decks while it rests; None while it plays along."""
        self.note(loads, HostNs(0))

    def take_over(self, deck: str, transport: Transport, now: HostNs) -> None:
        """A deck was found that follows this line: what it calls for has been sent."""
        if self._resting is not None:
            self._resting[deck] = transport
            return
        self._company.apply(Rejoin(deck, transport, now, now), now)
        self._company.advance(now, everything=True)
        self._course(deck).begin(now, transport)

    def note(self, actions: Iterable[Action], now: HostNs) -> None:
        """The conductor is told all of this at `now`."""
        if self._resting is not None:
            for action in actions:
                self._note_at_rest(action, self._resting, now)
            return
        self.advance(now)
        self._told_at, listed = now, tuple(actions)
        for action in listed:
            before = self._company.memory()
            for deck in self._company.apply(action, now):
                self._follow(deck, action, before.get(deck), now)
        if listed:
            self.advance(now, everything=True)

    def advance(self, now: HostNs, *, everything: bool = False) -> None:
        """What falls due by `now` has been sent; what was sent too long ago is forgotten."""
        if self._resting is not None:
            return
        if now - self._looked_at > RESTS_AFTER:
            self._rest(now)
            return
        while (deadline := self._company.next_deadline()) is not None and deadline <= now:
            self._keep(self._company.advance(max(deadline, self._told_at))[0])
        if everything:
            self._keep(self._company.advance(now, everything=True)[0])
        for course in self._courses.values():
            course.forget(now)

    def look(self, deck: str, *, now: HostNs, ahead: DurationNs, mark: Mark | None = None) -> Outlook:
        """What a deck sends until `ahead` from now; with the `mark` of the last look only what that has not shown.

        What was shown may be shown again, with the same number.
        """
        self._looked_at = now
        self._wake(now)
        self.advance(now)
        course = self._course(deck)
        until, foreseen = self._ahead(deck, HostNs(now + ahead))
        known = mark if mark is not None and course.goes_on_from(mark) else None
        ended = None if known is None else course.end_of(known.generation)
        shown = course.foresee(foreseen)
        if known is not None:
            shown = [one for one in (*course.sent, *shown) if course.is_unseen(one, known, now)]
        return Outlook(
            generation=course.generation,
            void_after=None if ended is None else ended.at,
            mark=Mark(course.generation, course.line, until),
            anew=known is None,
            standing=self._standing(deck) if known is None else (),
            cues=tuple(sorted(shown, key=lambda one: one.outcome.due)),
        )

    def is_news(self, deck: str, mark: Mark) -> bool:
        """Whether something else lies ahead than when this mark was made."""
        course = self._course(deck)
        return (mark.generation, mark.line) != (course.generation, course.line)

    # Resting

    def _rest(self, now: HostNs) -> None:
        lines = {deck: self._company.transport(deck) for deck in self._company.decks}
        for deck in lines:
            self._company.apply(Stop(deck), now)
        self._company.advance(now, everything=True)
        self._resting = {deck: line for deck, line in lines.items() if line is not None}

    def _note_at_rest(self, action: Action, lines: dict[str, Transport], now: HostNs) -> None:
        """What leads the decks is noted; everything else is as when it plays along."""
        match action:
            case Seek(deck, line) | Rejoin(deck, line):
                lines[deck] = line
            case Adjust(deck, line):
                if deck in lines:
                    lines[deck] = line
            case Stop(deck):
                lines.pop(deck, None)
            case Fire():
                pass
            case _:
                if isinstance(action, Remove) or (isinstance(action, Load) and self._is_another_track(action)):
                    lines.pop(action.deck, None)
                if isinstance(action, Load):
                    self._course(action.deck).schedule = action.schedule
                self._company.apply(action, now)
                self._company.advance(now, everything=True)

    def _is_another_track(self, load: Load) -> bool:
        return self._company.tracks.get(load.deck, load.track) != load.track

    def _wake(self, now: HostNs) -> None:
        """Play along from here on. What the lines call for has been sent; what was sent before that nobody knows."""
        if self._resting is None:
            return
        lines, self._resting, self._told_at = self._resting, None, now
        for deck, line in lines.items():
            self._company.apply(Rejoin(deck, line, now, now), now)
        self._company.advance(now, everything=True)
        for deck in self._company.decks:
            self._course(deck).begin_anew(now, self._company.transport(deck))

    # What changes

    def _course(self, deck: str) -> Course:
        return self._courses.setdefault(deck, Course())

    def _follow(self, deck: str, action: Action, before: EngineMemory | None, now: HostNs) -> None:
        """A deck was told something: that is a new generation, another line, or neither."""
        course, transport = self._course(deck), self._company.transport(deck)
        match action:
            case Load(schedule=schedule):
                course.schedule = schedule
                course.begin(now, transport)
            case Seek() | Rejoin() | Adjust():
                if _is_elsewhere(before, transport, now):
                    course.begin(now, transport)
                elif _is_another_line(course.reference, transport, now):
                    course.line, course.reference = course.line + 1, transport
            case Stop() if before is None or before.transport is None:
                pass
            case Stop() | Remove() | Silence() | Release() | Retarget():
                course.begin(now, transport)
            case SetLead() | SetTrackLead():
                course.line += 1
            case _:
                pass  # what is fired is sent at once

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.to_send:
                self._course(outcome.deck).keep(outcome)

    # What is seen

    def _ahead(self, deck: str, until: HostNs) -> tuple[HostNs, list[Outcome]]:
        """What a copy of the deck sends until then; or until as much has come as is told at once."""
        memory, schedule = self._memory(deck), self._course(deck).schedule
        if memory is None or schedule is None:
            return until, []
        copy = Engine.recalled(memory, schedule, self._company.targets, deck=deck)
        foreseen: list[Outcome] = []
        while (deadline := copy.next_deadline()) is not None and deadline <= until:
            outcomes = copy.advance(max(deadline, self._told_at))
            foreseen += [outcome for outcome in outcomes if outcome.to_send]
            if len(foreseen) >= MOST:
                return deadline, foreseen
        return until, foreseen

    def _standing(self, deck: str) -> tuple[Cue, ...]:
        memory = self._memory(deck)
        if memory is None:
            return ()
        standing = (cue for target in memory.targets.values() for cue in target.standing)
        return tuple(sorted((cue for cue in standing if cue.phase is Phase.START), key=lambda cue: cue.rank))

    def _memory(self, deck: str) -> EngineMemory | None:
        return self._company.memory([deck]).get(deck)


def _is_elsewhere(before: EngineMemory | None, after: Transport | None, now: HostNs) -> bool:
    """Whether this is not the same playback going on. Like the engine it goes by how far playback has come: small steps
    that add up are a jump.
    """
    old = before.transport if before else None
    if before is None or old is None or after is None or old.moving is not after.moving:
        return True
    if abs(after.rate - old.rate) > _OTHER_RATE * abs(old.rate):
        return True
    reached = max(before.reached, old.position_at(now)) if old.moving else before.reached
    return abs(after.position_at(now) - reached) > HYSTERESIS


def _is_another_line(reference: Transport | None, line: Transport | None, now: HostNs) -> bool:
    """Whether instants on the two differ by so much that whoever was told of them should be told again."""
    if reference is None or line is None:
        return reference is not line
    return any(abs(line.position_at(at) - reference.position_at(at)) > _OTHER_LINE for at in (now, HostNs(now + _FAR)))
