"""The desk: where every command arrives, one after another, whoever sends it.

It also holds what people have set by hand and nothing in the configuration says: leads, mutes, solos, the lock, panic.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import trio

from beatsync.conductor.actions import Action, Fire, Release, SetLead, Silence
from beatsync.config.configuration import PutOnAirBy
from beatsync.core.leads import Lead
from beatsync.core.safe_state import safe_cues
from beatsync.core.targets import Target
from beatsync.decks.commands import (
    EDITS,
    Already,
    Arm,
    Command,
    LoadTrack,
    Lock,
    MoveFader,
    Mute,
    Outcome,
    Panic,
    Pause,
    Play,
    PutOnAir,
    RaiseFlag,
    Reload,
    Reloaded,
    SeekTo,
    SetRate,
    SetTargetLead,
    Solo,
    Step,
    StopDeck,
)
from beatsync.decks.deck import Deck
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.news import News, Tell
from beatsync.decks.state import Playback
from beatsync.errors import CommandRefused, UsageError

MUTED: Final = "mute"
SOLOED: Final = "solo"
PANICKED: Final = "panic"
REASONS: Final = (MUTED, SOLOED, PANICKED)
"""Why people silence targets."""

LIMIT: Final = 10 * 10**9
"""The longest lead either way; configurations have the same."""

OtherCommand: TypeAlias = (
    Play
    | Pause
    | StopDeck
    | Arm
    | SeekTo
    | SetRate
    | LoadTrack
    | Step
    | PutOnAir
    | MoveFader
    | RaiseFlag
    | SetTargetLead
    | Mute
    | Solo
    | Panic
    | Lock
)
OfDeck: TypeAlias = Play | Pause | StopDeck | Arm | SeekTo | SetRate | LoadTrack | Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What people have set by hand. `leads`: of targets, where they are not the configuration's."""

    leads: dict[str, Lead] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    panicked: bool = False
    locked: bool = False


class Desk:
    """Does what it is told, or raises and changes nothing."""

    def __init__(self, ensemble: Ensemble, *, reload: Callable[[], Awaitable[Reloaded]], tell: Tell) -> None:
        """`reload`: reads everything again, and plays on with it; raises where it is wrong."""
        self.ensemble = ensemble
        self.settings = Settings()
        self.commanded = trio.Event()
        """Set, and replaced, whenever a command has been done."""
        self._reload = reload
        self.tell = tell

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets with their present leads."""
        leads = self.settings.leads
        return tuple(
            replace(target, lead=leads.get(target.name, target.lead)) for target in self.ensemble.configuration.targets
        )

    @property
    def silent_targets(self) -> frozenset[str]:
        """The targets that people have silenced, one way or another."""
        if self.settings.panicked:
            return frozenset(target.name for target in self.targets)
        return self.settings.muted | self._drowned(self.settings)

    async def do(self, command: Command) -> Outcome | None:
        """Returns what a Reload has come to, or that things were so already: then nobody is told.

        Raises CommandRefused where it does not go with how things stand, UsageError where it makes no sense; for what
        has to be had or read, TrackError, SourceError and ConfigError.
        """
        if self.settings.locked and isinstance(command, EDITS):
            raise CommandRefused("the show is locked; unlock it first")
        if isinstance(command, Reload):
            return await self._reload()
        if isinstance(command, SetTargetLead | Mute | Solo):
            self._target(command.target)
        if already := self._already(command):
            return Already(already)
        await self._do(command)
        self.commanded.set()
        self.commanded = trio.Event()
        return None

    def _already(self, command: OtherCommand) -> str | None:
        """How things are, where that is what the command asks for."""
        settings = self.settings
        match command:
            case Mute(name, on) if on is (name in settings.muted):
                return f"target {name} is muted already" if on else f"target {name} is not muted"
            case Solo(name, on) if on is (name in settings.soloed):
                return f"target {name} is soloed already" if on else f"target {name} is not soloed"
            case Panic(on) if on is settings.panicked:
                return "there is a panic already; over with: beatsync panic --off" if on else "there is no panic"
            case Lock(on) if on is settings.locked:
                return "the show is locked already" if on else "the show is not locked"
            case _:
                return None

    async def _do(self, command: OtherCommand) -> None:
        match command:
            case Play() | Pause() | StopDeck() | Arm() | SeekTo() | SetRate() | LoadTrack() | Step():
                await self._operate(self.deck(command.deck), command)
            case PutOnAir(deck, when):
                self._check_by(PutOnAirBy.COMMAND, "put on air by command")
                self.ensemble.on_air.put_on_air(self.deck(deck).name, when)
            case MoveFader(level, deck):
                self._check_by(PutOnAirBy.FADER, "its faders")
                self.ensemble.on_air.fader(self.deck(deck).name, level)
            case RaiseFlag(on, deck):
                self._check_by(PutOnAirBy.MESSAGE, "their own on-air flags")
                self.ensemble.on_air.flag(self.deck(deck).name, on=on)
            case SetTargetLead() | Mute() | Solo():
                self._set_target(command)
            case Panic(on):
                self._panic(on=on)
            case Lock(on):
                self.settings = replace(self.settings, locked=on)
                self.say("lock", "the show is locked" if on else "the show is unlocked")

    def deck(self, name: str | None) -> Deck:
        """A deck by its name; the one that is on air for None. Raises UsageError."""
        decks = self.ensemble.decks
        found = decks.get(self.ensemble.on_air.master if name is None else name)
        if found is None:
            raise UsageError(f"there is no deck {name!r}; there are {', '.join(decks)}")
        return found

    async def _operate(self, deck: Deck, command: OfDeck) -> None:
        match command:
            case Play():
                deck.play()
            case Pause():
                deck.pause()
            case StopDeck():
                deck.stop()
            case Arm():
                deck.arm()
            case SeekTo(position):
                deck.seek(position)
            case SetRate(ratio):
                deck.set_rate(ratio)
            case LoadTrack(track):
                await deck.load(track)
            case Step(by):
                playing = deck.state().playback is Playback.PLAYING
                await deck.step(by)
                if playing and deck.is_operated_by_hand:
                    deck.play()

    def _check_by(self, wanted: PutOnAirBy, words: str) -> None:
        by = self.ensemble.on_air.choice.by
        if len(self.ensemble.decks) < 2:
            raise CommandRefused("there is one deck, and it is on air")
        if by is not wanted and wanted is not PutOnAirBy.COMMAND:
            raise CommandRefused(f"decks are not put on air by {words}; say on_air: {{by: {wanted}}} for that")

    # Targets

    def _target(self, name: str) -> Target:
        """A target by its name. Raises UsageError."""
        target = next((target for target in self.targets if target.name == name), None)
        if target is None:
            names = ", ".join(target.name for target in self.targets)
            raise UsageError(f"there is no target {name!r}; there are {names}")
        return target

    def _set_target(self, command: SetTargetLead | Mute | Solo) -> None:
        name = command.target
        target = self._target(name)
        match command:
            case SetTargetLead(_, lead, track_lead):
                new = Lead(
                    target.lead.real if lead is None else lead, target.lead.track if track_lead is None else track_lead
                )
                if abs(new.real) > LIMIT or abs(new.track) > LIMIT:
                    raise UsageError(f"target {name}: expected a lead of at most 10s either way")
                self.settings = replace(self.settings, leads={**self.settings.leads, name: new})
                self.ensemble.conductor.do(SetLead(name, new))
                self.ensemble.on_air.retarget(self.targets)
                self.say("lead", f"target {name}: lead {new.real / 10**6:g} ms, {new.track / 10**6:g} ms of the track")
            case Mute(_, on):
                muted = self.settings.muted | {name} if on else self.settings.muted - {name}
                self._silence(replace(self.settings, muted=muted))
                self.say("mute", f"target {name} is {'muted' if on else 'heard again'}")
            case Solo(_, on):
                soloed = self.settings.soloed | {name} if on else self.settings.soloed - {name}
                self._silence(replace(self.settings, soloed=soloed))
                self.say(
                    "solo", f"only heard: {', '.join(sorted(soloed))}" if soloed else "all targets are heard again"
                )

    def _silence(self, settings: Settings) -> None:
        before, self.settings = self.settings, settings
        actions: list[Action] = []
        for reason, was, now in (
            (MUTED, before.muted, settings.muted),
            (SOLOED, self._drowned(before), self._drowned(settings)),
        ):
            if now - was:
                actions.append(Silence(reason, None, tuple(sorted(now - was))))
            if was - now:
                actions.append(Release(reason, None, tuple(sorted(was - now))))
        self.ensemble.conductor.do(*actions)

    def _drowned(self, settings: Settings) -> frozenset[str]:
        """The targets that are not heard since others are soloed."""
        if not settings.soloed:
            return frozenset()
        return frozenset(target.name for target in self.targets) - settings.soloed

    def _panic(self, *, on: bool) -> None:
        self.settings = replace(self.settings, panicked=on)
        everybody = tuple(target.name for target in self.targets)
        if not on:
            self.ensemble.conductor.do(Release(PANICKED, None, everybody))
            self.say("panic", "the panic is over: cues go out again")
            return
        self.ensemble.conductor.do(Silence(PANICKED, None, everybody), self.make_safe(everybody))
        self.say(
            "panic", "panic: every target is in its safe state, and nothing fires until that is released", grave=True
        )

    def make_safe(self, targets: Iterable[str]) -> Fire:
        """What puts these targets into their safe states."""
        safe = self.ensemble.configuration.safe
        messages = [message for name in targets for message in safe.get(name, ())]
        return Fire(self.ensemble.on_air.master, safe_cues(messages))

    def say(self, event: str, text: str, *, grave: bool = False) -> None:
        """Tell people."""
        self.tell(News(self.ensemble.clock.now(), event, text, {}, grave))

    # Restarts and reloads

    def restore(self, settings: Settings) -> list[Action]:
        """What the conductor is to do for these to hold, whatever held before: the reasons that are not, are gone."""
        known = {target.name for target in self.ensemble.configuration.targets}
        self.settings = replace(
            settings,
            leads={name: lead for name, lead in settings.leads.items() if name in known},
            muted=settings.muted & known,
            soloed=settings.soloed & known,
        )
        wanted = {
            MUTED: self.settings.muted,
            SOLOED: self._drowned(self.settings),
            PANICKED: known if self.settings.panicked else frozenset(),
        }
        actions: list[Action] = [SetLead(name, lead) for name, lead in self.settings.leads.items()]
        for reason, silent in wanted.items():
            if known - silent:
                actions.append(Release(reason, None, tuple(sorted(known - silent))))
            if silent:
                actions.append(Silence(reason, None, tuple(sorted(silent))))
        return actions
