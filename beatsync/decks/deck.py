"""A deck: one track after another with its transport, as people operate it.

What its clock says and what people command become actions for the conductor. What cannot be had changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, Load, Rejoin, Seek, SetTrackLead, Stop
from beatsync.conductor.conducted import Conducted
from beatsync.config.configuration import DeckChoice, TrackChoice
from beatsync.core.cursor import HYSTERESIS
from beatsync.core.observation import TrackHint
from beatsync.core.playback import Adjusted, Held, TrackChanged, Verdict
from beatsync.core.position_units import Place, PositionUnit, nowhere, placement
from beatsync.core.transport import NORMAL_RATE, Rate, Transport, rate_of
from beatsync.core.units import HostNs, TrackNs, clock_face
from beatsync.decks.deck_clock import DeckClock
from beatsync.decks.material import Material, name_of
from beatsync.decks.news import Tell
from beatsync.decks.obeying import actions_of, to_follow
from beatsync.decks.own_clock import OwnClock
from beatsync.decks.player_tracks import Another, NotKnown, TheSame, described, find
from beatsync.decks.record import Decided, Loaded, Order, Ordered, Record, nobody
from beatsync.decks.repertoire import Repertoire
from beatsync.decks.state import DeckState, Playback, playback_of
from beatsync.decks.telling import Telling
from beatsync.errors import BeatsyncError, CommandRefused, UsageError

RATES: Final = (0.05, 8.0)
BELIEVED_SECONDS: Final = 10.0
"""For how long playback is believed to go on when something else leads it that has not said anything yet."""

MakeClock = Callable[["Deck"], DeckClock]
"""Makes the clock of a deck, whose `take` is to be told each verdict."""


class Deck:
    """Operates one deck of a conductor."""

    def __init__(
        self,
        choice: DeckChoice,
        repertoire: Repertoire,
        *,
        conductor: Conducted,
        clock: Clock,
        make_clock: MakeClock,
        tell: Tell,
        record: Record = nobody,
    ) -> None:
        """`choice`: what the configuration says of it; `tell`: what happens, for people; `record`: keeps it."""
        self.choice = choice
        self.repertoire = repertoire
        self.telling = Telling(choice.name, clock, tell)
        self.moved = trio.Event()
        """Set, and replaced, whenever playback does something else."""
        self._conductor = conductor
        self._clock = clock
        self._record = record
        self._clock_scope = trio.CancelScope()
        self._material: Material | None = None
        self._place: Place = nowhere
        self._unknown: TrackHint | None = None
        self.errand: Another | None = None
        """What its player plays, and is still to be had."""
        self._on_air = True
        self._stopped = False
        self._led_by = make_clock(self)

    # Queries

    @property
    def name(self) -> str:
        """What people call it."""
        return self.choice.name

    @property
    def material(self) -> Material | None:
        """What is loaded."""
        return self._material

    @property
    def transport(self) -> Transport | None:
        """The line that the conductor follows for it."""
        return self._conductor.transport(self.name)

    def place(self, value: float, unit: PositionUnit) -> TrackNs | None:
        """Where beats and fractions lie in the track that is loaded."""
        return self._place(value, unit)

    def state(self) -> DeckState:
        """What the deck is doing."""
        now, transport, material = self._clock.now(), self.transport, self._material
        following = self.repertoire.beside(1)
        return DeckState(
            name=self.name,
            at=now,
            playback=playback_of(material.track if material else None, transport, now),
            material=material,
            transport=transport,
            rate=transport.rate if transport and transport.moving else NORMAL_RATE,
            clock=self._led_by.name,
            quality=self._led_by.quality(now),
            feeds=self._led_by.feeds(now),
            unknown=self._unknown,
            stopped=self._stopped,
            on_air=self._on_air,
            place=self.repertoire.place,
            count=len(self.repertoire.choices),
            following=None if following is None else name_of(self.repertoire.choices[following]),
        )

    # Its tasks

    async def run(self) -> None:
        """Follow what leads it, fetch what its player plays, and go on at the end of a track; until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._run_clocks)
            nursery.start_soon(self._run_errands)

    async def _run_clocks(self) -> Never:
        """Run what leads it, one after another."""
        while True:
            with trio.CancelScope() as self._clock_scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._led_by.run)
                    nursery.start_soon(self._give_up_line)

    def begin(self, taken_over: Transport | None) -> None:
        """Everything is armed; `taken_over`: the line along which it was found playing."""
        if isinstance(self._led_by, OwnClock) and taken_over is not None:
            self._led_by.take_over(taken_over)
        else:
            self._led_by.begin()

    async def _run_errands(self) -> None:
        """Fetch the track that the player plays: the latest one that it has named."""
        while True:
            moved, errand = self.moved, self.errand
            if errand is None:
                await moved.wait()
                continue
            try:
                material = await self.repertoire.material(errand.choice)
            except BeatsyncError as error:
                if errand is self.errand:
                    self.errand = None
                    self.telling.trouble(f"{name_of(errand.choice)} cannot be had: {error}")
                continue
            if errand is self.errand:
                self.put(material, errand.place)

    # What is loaded

    def adopt(self, material: Material, place: int | None) -> None:
        """The conductor has this loaded already."""
        self._hold(material, place)

    async def load(self, choice: TrackChoice, place: int | None = None) -> None:
        """Have another track, or the same one as it is now. Raises TrackError, SourceError or ConfigError.

        One of the set list is had as that says, at its `place`.
        """
        if place is None:
            place = self.repertoire.entry_of(choice)
        if place is not None:
            choice = self.repertoire.choices[place]
        self.put(await self.repertoire.material(choice), place)

    def put(self, material: Material, place: int | None) -> None:
        """Play this from now on. Of the same track it goes on where it is; another one waits for what leads it."""
        before = self._material
        self._conductor.do(*self.exchange(material, place))
        self.telling.loaded(material, is_another=before is None or before.name != material.name)
        self.announce()

    def exchange(self, material: Material, place: int | None) -> list[Action]:
        """Have this loaded; returns what the conductor is to do, with whatever else changes."""
        before = self._material
        self._hold(material, place)
        self.errand = self._unknown = None
        actions: list[Action] = []
        if before is None or before.schedule is not material.schedule or before.preview is not material.preview:
            actions.append(self.load_action())
        if before is None or before.lead != material.lead:
            actions.append(SetTrackLead(self.name, material.lead))
        if before is not None and before.name == material.name:
            return actions
        if isinstance(self._led_by, OwnClock):
            self._led_by.stop()
            return actions
        return [*actions, *self._to_follow(self._led_by.transport)]

    def _hold(self, material: Material, place: int | None) -> None:
        self._material = material
        self._place = placement(material.track)
        self.repertoire.put(material, place)
        self._record(Loaded(self._clock.now(), self.name, material.name, place))

    def load_action(self) -> Load:
        """What makes the conductor play what is loaded, as it is heard on air or off air."""
        material = self._material
        assert material is not None
        off_air = None if self._on_air else material.preview
        return Load(self.name, off_air or material.schedule, material.name)

    def everything(self) -> list[Action]:
        """What makes the conductor know of it what is to be known."""
        if self._material is None:
            return []
        return [self.load_action(), SetTrackLead(self.name, self._material.lead)]

    def set_on_air(self, *, on_air: bool) -> list[Action]:
        """Whether it is the master; returns what the conductor is to do about its cues, with whatever else changes."""
        changed, self._on_air = on_air is not self._on_air, on_air
        return [self.load_action()] if changed and self.is_exchanged_on_air else []

    @property
    def is_exchanged_on_air(self) -> bool:
        """Whether off air it goes by another schedule than on air."""
        return self._material is not None and self._material.preview is not None

    # What leads it

    def take(self, verdict: Verdict) -> None:
        """Do what its clock says."""
        self._record(Decided(self._clock.now(), self.name, verdict))
        if isinstance(verdict, TrackChanged):
            self._identify(verdict.track)
        if self._stopped or self._unknown is not None or self._material is None:
            return
        actions = actions_of(self.name, verdict, before=self.transport, now=self._clock.now())
        if actions:
            self._conductor.do(*actions)
        self.telling.verdict(verdict, self._led_by.name)
        if not isinstance(verdict, Held | Adjusted):
            self.announce()

    def _to_follow(self, transport: Transport | None) -> list[Action]:
        """Follow a line that was found, unless by command it is not listened to."""
        line = None if self._stopped else transport
        return to_follow(self.name, line, before=self.transport, now=self._clock.now())

    def _identify(self, hint: TrackHint) -> None:
        """The player has named the track that it plays. While that is not what is loaded, nothing fires."""
        finding = find(hint, self.repertoire, self._material)
        self.errand, self._unknown = None, None if isinstance(finding, TheSame) else hint
        if isinstance(finding, TheSame):
            return
        self._conductor.do(Stop(self.name))
        if isinstance(finding, Another):
            self.errand = finding
            self.telling.looking(described(hint), name_of(finding.choice))
        elif isinstance(finding, NotKnown):
            self.telling.trouble(f"{self._led_by.name} plays {described(hint)}: {finding.reason}; nothing fires")
        self.announce()

    def recall(self, *, stopped: bool, rate: Rate, gap: int) -> None:
        """It was so when a daemon before this one died."""
        self.repertoire.gap = gap
        if isinstance(self._led_by, OwnClock):
            self._led_by.recall_rate(rate)
        else:
            self._stopped = stopped

    def rejoin(self, line: Transport, since: HostNs, until: HostNs, *, pass_number: int | None = None) -> None:
        """Playback has gone on along this line though nobody has looked after it; see `Rejoin`."""
        self.by_hand.take_over(line)
        if self._material is not None:
            self._conductor.do(Rejoin(self.name, line, since, until, pass_number))
        self.announce()

    def follow_on(self, ended: HostNs) -> None:
        """Start the track that is loaded where the one before it has ended, however long it took to notice."""
        line = Transport(ended, TrackNs(0), self.by_hand.rate)
        if self._clock.now() - ended <= HYSTERESIS:
            self.by_hand.start_at(line, "the set list goes on")
        else:
            before = HostNs(ended - 1)
            self.rejoin(line, before, before)
            self.telling.said(
                "play", f"play at {clock_face(line.position_at(self._clock.now()))} (the set list goes on)"
            )

    def identify_again(self) -> None:
        """The tracks are others: what the player plays may be known now, or may not be any more."""
        hint, was_unknown = self._led_by.track, self._unknown is not None
        if hint is None:
            return
        self._identify(hint)
        if was_unknown and self._unknown is None:
            self._conductor.do(*self._to_follow(self._led_by.transport))

    def announce(self) -> None:
        """Whoever waits for it to move looks again."""
        self.moved.set()
        self.moved = trio.Event()

    def lead_by(self, make_clock: MakeClock) -> list[Action]:
        """Something else leads it from now on; returns what the conductor is to do, with whatever else changes.

        Playback goes on as it was until that says otherwise. Afterwards let it `listen`.
        """
        before = self.transport
        self._led_by = make_clock(self)
        self._clock_scope.cancel()
        if not isinstance(self._led_by, OwnClock):
            return []
        self._stopped, self._unknown, self.errand = False, None, None
        transport = self._led_by.succeed(before)
        return [] if transport is None or transport == before else [Seek(self.name, transport)]

    def listen(self) -> None:
        """What leads it now may tell verdicts, where that is a player."""
        if not isinstance(self._led_by, OwnClock):
            self._led_by.begin()
        self.announce()

    async def _give_up_line(self) -> None:
        """A line that nobody has led for so long is worth nothing."""
        await trio.sleep(BELIEVED_SECONDS)
        if self._led_by.transport is None and self.transport is not None:
            self._conductor.do(Stop(self.name))
            self.telling.trouble(f"nothing is heard of {self._led_by.name} for {BELIEVED_SECONDS:g} s: stopped")
            self.announce()

    # Commands

    @property
    def is_operated_by_hand(self) -> bool:
        """Whether people say where it plays, not a player."""
        return isinstance(self._led_by, OwnClock)

    @property
    def by_hand(self) -> OwnClock:
        """The clock that people operate. Raises CommandRefused where a player leads the deck."""
        if isinstance(self._led_by, OwnClock):
            return self._led_by
        raise CommandRefused(f"deck {self.name} follows {self._led_by.name}: operate the player")

    def play(self) -> None:
        """Start from the top, go on after a pause, start anew after the end; nothing if it plays already.

        A deck that follows a player, and was stopped, follows it again.
        """
        self._needs_track()
        if not isinstance(self._led_by, OwnClock):
            if not self._stopped:
                raise CommandRefused(f"deck {self.name} follows {self._led_by.name} already: operate the player")
            self.listen_again()
            return
        self._led_by.play(anew=self.state().playback is Playback.ENDED)

    def arm(self) -> None:
        """Be ready at the top, or to follow the player; refused where something plays, which a stop is for."""
        self._needs_track()
        if not isinstance(self._led_by, OwnClock):
            self.play()
        elif self.state().playback in {Playback.PLAYING, Playback.COUNTDOWN}:
            raise CommandRefused(f"deck {self.name} plays; stop it first")
        else:
            self.stop()

    def listen_again(self) -> None:
        """Follow again what leads it, after a stop."""
        self._stopped = False
        self._record(Ordered(self._clock.now(), self.name, Order.FOLLOW))
        if self._unknown is None:
            self._conductor.do(*self._to_follow(self._led_by.transport))
        self.telling.said("arm", f"follows {self._led_by.name} again")
        self.announce()

    def pause(self) -> None:
        """Hold the position."""
        self._needs_track()
        self.by_hand.pause()

    def seek(self, position: TrackNs) -> None:
        """Go to `position`. Raises UsageError beyond the track's end."""
        material, clock = self._needs_track(), self.by_hand
        if position > material.track.duration:
            end = clock_face(material.track.duration)
            raise UsageError(f"seek to {clock_face(position)}: the track ends at {end}")
        clock.seek(position)

    def set_rate(self, ratio: float) -> None:
        """Play so many times as fast as recorded. Raises UsageError for what no player does."""
        slowest, fastest = RATES
        if not slowest <= ratio <= fastest:
            raise UsageError(f"rate {ratio:g}: expected {slowest:g} to {fastest:g}; 1 is as recorded")
        self.by_hand.set_rate(rate_of(ratio))
        self.telling.said("rate", f"plays {ratio:g} times as fast as recorded", rate=ratio)
        self.announce()

    def stop(self) -> None:
        """End every look and be armed again; a deck that follows a player does not listen to it until told to play."""
        if isinstance(self._led_by, OwnClock):
            self._led_by.stop()
        else:
            self._stopped = True
        self._record(Ordered(self._clock.now(), self.name, Order.STOP))
        self._conductor.do(Stop(self.name))
        self.telling.said("stop", "stopped")
        self.announce()

    async def step(self, by: int) -> None:
        """The next track of the set list, or the one before. Raises CommandRefused where there is none."""
        place = self.repertoire.step(by)
        await self.load(self.repertoire.choices[place], place)

    def _needs_track(self) -> Material:
        if self._material is None:
            raise CommandRefused(f"deck {self.name}: no track is loaded; load one first")
        return self._material
