"""What a deck may play: its set list, or its one track, each prepared before it is needed and kept while it may be."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trio

from beatsync.config.configuration import FollowOn, FromFile, Origin, TrackChoice
from beatsync.core.observation import TrackHint
from beatsync.core.track_names import meant_by
from beatsync.decks.material import Material, known_track
from beatsync.errors import CommandRefused

Supply = Callable[[TrackChoice], Awaitable[Material]]
"""Finds and compiles a track. Raises TrackError, SourceError or ConfigError."""


@dataclass(slots=True)
class Repertoire:
    """The tracks in order. `place`: of the one that is loaded, None while it is none of them.

    `follow_on` is None where there is no set list, but one track that may be played again. `gap`: the place that comes
    after a track that is none of them.
    """

    choices: Sequence[TrackChoice]
    supply: Supply
    follow_on: FollowOn | None = None
    place: int | None = None
    gap: int = 0
    _ready: dict[TrackChoice, Material] = field(default_factory=dict)
    _under_way: dict[TrackChoice, trio.Event] = field(default_factory=dict)

    async def material(self, choice: TrackChoice) -> Material:
        """A track, ready to be played. Raises as `supply`."""
        while (ready := self._ready.get(choice)) is None:
            if choice in self._under_way:
                await self._under_way[choice].wait()
            else:
                await self._fetch(choice)
        return ready

    async def _fetch(self, choice: TrackChoice) -> None:
        supply, done = self.supply, trio.Event()
        self._under_way[choice] = done
        try:
            material = await supply(choice)
        finally:
            done.set()
            if self._under_way.get(choice) is done:
                del self._under_way[choice]
        if supply is self.supply:  # else it was made by rules that hold no more
            self._ready[choice] = material

    def put(self, material: Material, place: int | None) -> None:
        """`material` is loaded now: what is neither it nor the next one need not be kept."""
        if place is None and self.place is not None:
            self.gap = self.place + 1
        self.place = place
        following = self.beside(1)
        wanted = {material.choice, *([] if following is None else [self.choices[following]])}
        self._ready = {choice: its for choice, its in self._ready.items() if choice in wanted}
        self._ready[material.choice] = material

    def renew(self, choices: Sequence[TrackChoice], supply: Supply, follow_on: FollowOn | None) -> None:
        """The tracks are these now; what was prepared is not as it would be now. `put` follows."""
        self.choices, self.supply, self.follow_on = choices, supply, follow_on
        self._ready.clear()
        self._under_way.clear()

    def beside(self, by: int) -> int | None:
        """The place so many after that of the track that is loaded; None where there is none."""
        here = self.gap - (by > 0) if self.place is None else self.place
        place = here + by
        return place if 0 <= place < len(self.choices) else None

    def step(self, by: int) -> int:
        """The same. Raises CommandRefused where there is none."""
        place = self.beside(by)
        if place is None:
            where = "the last" if by > 0 else "the first"
            raise CommandRefused(
                "there is no set list" if self.follow_on is None else f"this is {where} track of the set list"
            )
        return place

    def entry_of(self, choice: TrackChoice) -> int | None:
        """The place of a track that is wanted: of the very choice, or of the same file or asset if no more was said.

        Of one that is there several times the next one that is to come; None for none of them.
        """
        bare, wanted = choice == TrackChoice(origin=choice.origin), _written_out(choice.origin)
        return self._next(
            place
            for place, its in enumerate(self.choices)
            if its == choice or (bare and _written_out(its.origin) == wanted)
        )

    def _next(self, places: Iterable[int]) -> int | None:
        alike = list(places)
        here = self.gap if self.place is None else self.place
        return next((place for place in alike if place >= here), alike[0] if alike else None)

    def meant_by(self, hint: TrackHint) -> int | None:
        """The place of the track that a player means by this; None for none of them.

        Of one that is there several times the next one that is to come is meant.
        """
        tracks = [
            known_track(choice, its.track if (its := self._ready.get(choice)) else None) for choice in self.choices
        ]
        place = meant_by(hint, tracks)
        if place is None:
            return None
        return self._next(other for other, choice in enumerate(self.choices) if choice == self.choices[place])


def _written_out(origin: Origin) -> Origin:
    """A path from the top: a command and a configuration write one file in two ways."""
    return FromFile(Path(os.path.abspath(origin.path))) if isinstance(origin, FromFile) else origin  # noqa: PTH100  `..` too
