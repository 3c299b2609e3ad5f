"""The decks of a conductor, each with its engine, and what holds for all of them: targets, leads, silences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from beatsync.conductor.actions import (
    Action,
    Adjust,
    Chase,
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
from beatsync.conductor.memory import ConductorMemory
from beatsync.core.engine import Engine, Gap
from beatsync.core.fairness import together
from beatsync.core.memory import EngineMemory
from beatsync.core.schedule import Cue, Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import NO_TIME, DurationNs, HostNs, ms
from beatsync.core.verdicts import Outcome

PREPARATION: Final = DurationNs(25_000)
"""What deciding and wrapping up one cue takes (docs/timing.md): so much earlier a step with many of them begins."""

LONGEST_PREPARATION: Final = ms(20)

OfDeck: TypeAlias = Load | Seek | Rejoin | Adjust | Stop | SetTrackLead


class Company:
    """Engines by deck. A deck is there from its first action on."""

    def __init__(self, targets: Iterable[Target]) -> None:
        """`targets`: whom all decks play for."""
        self._targets = {target.name: target for target in targets}
        self._hushed: dict[str, dict[str, None]] = {}
        self._engines: dict[str, Engine] = {}
        self._tracks: dict[str, str] = {}
        self._deadlines: dict[str, HostNs | None] = {}
        self._leaving: set[str] = set()
        self._preparation = NO_TIME

    # Queries

    @property
    def targets(self) -> tuple[Target, ...]:
        """In the configuration's order, with their present leads."""
        return tuple(self._targets.values())

    @property
    def by_name(self) -> Mapping[str, Target]:
        """The same by name."""
        return self._targets

    @property
    def decks(self) -> Collection[str]:
        """The decks' names."""
        return self._engines.keys()

    @property
    def hushed(self) -> Mapping[str, tuple[str, ...]]:
        """Why nothing of any deck is sent to a target."""
        return {target: tuple(reasons) for target, reasons in self._hushed.items() if reasons}

    @property
    def tracks(self) -> Mapping[str, str]:
        """What the schedule of each deck is of."""
        return self._tracks

    @property
    def preparation(self) -> DurationNs:
        """How much earlier than its deadline the next step has to begin, since many cues are due in it."""
        return self._preparation

    def transport(self, deck: str) -> Transport | None:
        """The line that a deck follows."""
        engine = self._engines.get(deck)
        return engine.transport if engine else None

    def next_deadline(self, deck: str | None = None) -> HostNs | None:
        """Of one deck, or of the one that is next."""
        if deck is not None:
            return self._deadlines.get(deck)
        return min((deadline for deadline in self._deadlines.values() if deadline is not None), default=None)

    # Actions

    def apply(self, action: Action, now: HostNs) -> Collection[str]:
        """Apply one action; returns the decks that it changes. Afterwards advance them."""
        changed = self._apply(action, now)
        self._look_again(changed)
        return changed

    def _apply(self, action: Action, now: HostNs) -> Collection[str]:
        match action:
            case Load() | Seek() | Rejoin() | Adjust() | Stop() | SetTrackLead():
                self._tell_deck(action.deck, action, now)
                return (action.deck,)
            case Fire(deck=deck, cues=cues):
                self._engine(deck).fire(cues, now)
                return (deck,)
            case Remove(deck=deck):
                return self._remove(deck, now)
            case Silence() | Release():
                return self._hush(action, now)
            case _:
                self._tell_all(action, now)
                return tuple(self.decks)

    def _tell_all(self, action: SetLead | Retarget | Chase, now: HostNs) -> None:
        match action:
            case SetLead(target=name, lead=lead):
                self._targets[name] = replace(self._targets[name], lead=lead)
            case Retarget(targets=targets):
                self._targets = {target.name: target for target in targets}
                self._hushed = {name: why for name, why in self._hushed.items() if name in self._targets}
            case Chase():
                pass
            case _:
                assert_never(action)
        for engine in self._engines.values():
            match action:
                case SetLead(target=name, lead=lead):
                    engine.set_lead(name, lead)
                case Retarget(targets=targets):
                    engine.retarget(targets, now)
                case Chase(target=name) if name in self._targets:
                    engine.chase(name, now)

    def _tell_deck(self, deck: str, action: OfDeck, now: HostNs) -> None:
        engine = self._engine(deck)
        match action:
            case Load(schedule=schedule, track=track):
                if self._tracks.get(deck, track) != track:
                    engine.stop(now)
                self._tracks[deck] = track
                engine.load(schedule)
            case Seek(transport=transport):
                engine.seek(transport, now)
            case Rejoin(transport=transport):
                engine.rejoin(transport, Gap(action.since, action.until, action.pass_number), now)
            case Adjust(transport=transport):
                engine.adjust(transport)
            case Stop():
                engine.stop(now)
            case SetTrackLead(lead=lead):
                engine.set_track_lead(lead)
            case _:
                assert_never(action)

    def _engine(self, deck: str) -> Engine:
        engine = self._engines.get(deck)
        if engine is None:
            engine = self._engines[deck] = Engine(self.targets, deck=deck)
            for target, reasons in self._hushed.items():
                for reason in reasons:
                    engine.silence(reason, [target], HostNs(0))
        return engine

    def _remove(self, deck: str, now: HostNs) -> Collection[str]:
        """End the deck's looks; once that has been handed out, forget it."""
        engine = self._engines.get(deck)
        if engine is None:
            return ()
        engine.stop(now)
        self._leaving.add(deck)
        return (deck,)

    def _hush(self, action: Silence | Release, now: HostNs) -> Collection[str]:
        wanted = self._targets if action.targets is None else action.targets
        targets = [name for name in wanted if name in self._targets]
        if action.decks is None:
            for name in targets:
                reasons = self._hushed.setdefault(name, {})
                if isinstance(action, Silence):
                    reasons[action.reason] = None
                else:
                    reasons.pop(action.reason, None)
        decks = tuple(self._engines if action.decks is None else action.decks)
        for deck in decks:
            engine = self._engine(deck)
            tell = engine.silence if isinstance(action, Silence) else engine.release
            tell(action.reason, targets, now)
        return decks

    def renew(self, lost: Iterable[Outcome], now: HostNs) -> None:
        """These did not reach their receivers, though they were decided."""
        by_deck: dict[str, list[Cue]] = {}
        for outcome in lost:
            by_deck.setdefault(outcome.deck, []).append(outcome.cue)
        for deck, engine in self._engines.items():
            engine.renew(by_deck.get(deck, ()), now)
        self._look_again(self.decks)

    # The step

    def advance(self, now: HostNs, *, everything: bool = False) -> tuple[list[Outcome], Collection[str]]:
        """What has fallen due by `now`, in order, targets by turns; and the decks that it is of.

        `everything`: the other decks are advanced too.
        """
        due = [
            deck
            for deck, deadline in self._deadlines.items()
            if everything or (deadline is not None and deadline <= now)
        ]
        of_decks = [self._engines[deck].advance(now) for deck in due]
        outcomes = together(of_decks)
        for deck in self._leaving.intersection(due):
            del self._engines[deck], self._deadlines[deck]
            self._tracks.pop(deck, None)
            self._leaving.remove(deck)
        self._look_again(due)
        return outcomes, due

    def _look_again(self, changed: Iterable[str]) -> None:
        """These decks may have other deadlines now."""
        for deck in changed:
            if deck in self._engines:
                self._deadlines[deck] = self._engines[deck].next_deadline()
        deadline = self.next_deadline()
        count = 0
        if deadline is not None:
            soon = HostNs(deadline + _SOON)
            for deck, engine in self._engines.items():
                if (its := self._deadlines[deck]) is not None and its <= soon:
                    count += engine.count_due(soon)
        self._preparation = DurationNs(min(count * PREPARATION, LONGEST_PREPARATION))

    # Memory

    def memory(self, decks: Collection[str] | None = None) -> dict[str, EngineMemory]:
        """What the engines of these decks remember, or of all; one that is gone has nothing."""
        return {deck: engine.memory() for deck, engine in self._engines.items() if decks is None or deck in decks}

    def recall(self, memory: ConductorMemory, schedules: Mapping[str, Schedule]) -> None:
        """Go on from `memory`, with these schedules loaded. Raises LookupError where they do not fit."""
        self._hushed = {target: dict.fromkeys(reasons) for target, reasons in memory.hushed.items()}
        self._tracks = dict(memory.tracks)
        self._engines = {
            deck: Engine.recalled(of_engine, schedules.get(deck, _NOTHING), self.targets, deck=deck)
            for deck, of_engine in memory.decks.items()
        }
        self._deadlines = {}
        self._look_again(self.decks)


_NOTHING: Final = Schedule(MappingProxyType({}))
_SOON: Final = ms(1)
