"""What happens at the end of a track, and what is prepared for it."""

from __future__ import annotations

from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.conductor.conducted import Conducted
from beatsync.config.configuration import FollowOn
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.decks.deck import Deck
from beatsync.errors import BeatsyncError

TRY_AGAIN_SECONDS: Final = 30
"""A track that could not be had ahead of time may be there later."""


async def prepare_ahead(deck: Deck) -> Never:
    """Have the next track of the set list ready before it is needed."""
    while True:
        moved, place = deck.moved, deck.repertoire.beside(1)
        with trio.move_on_after(TRY_AGAIN_SECONDS):
            if place is not None:
                try:
                    await deck.repertoire.material(deck.repertoire.choices[place])
                except BeatsyncError as error:
                    deck.telling.trouble(f"the next track cannot be had yet: {error}")
                else:
                    place = None
            if place is None:
                await moved.wait()
            else:
                await trio.sleep_forever()


async def follow_on(deck: Deck, clock: Clock) -> Never:
    """At the end of each track of a set list go on as the list says, for a deck that no player leads."""
    while True:
        ended = await _end_of_track(deck, clock)
        place = deck.repertoire.beside(1)
        moved = deck.moved
        goes_on = deck.repertoire.follow_on in {FollowOn.AUTOMATIC, FollowOn.MANUAL} and deck.is_operated_by_hand
        if place is None or not goes_on:
            await moved.wait()
            continue
        try:
            material = await deck.repertoire.material(deck.repertoire.choices[place])
        except BeatsyncError as error:
            deck.telling.trouble(f"the next track cannot be had: {error}; load another one")
            await moved.wait()
            continue
        if deck.moved is not moved:
            continue  # somebody has thought of something else meanwhile
        deck.put(material, place)
        if deck.repertoire.follow_on is FollowOn.AUTOMATIC:
            deck.follow_on(ended)


async def _end_of_track(deck: Deck, clock: Clock) -> HostNs:
    """Return the instant at which playback has come to the track's end, once it has."""
    while True:
        moved, transport, material = deck.moved, deck.transport, deck.material
        if transport is None or material is None or not transport.moving:
            await moved.wait()
            continue
        end = transport.host_at(material.track.duration)
        with trio.move_on_after(max(end - clock.now(), 0) / NS_PER_SECOND):
            await moved.wait()
            continue
        if deck.transport == transport and clock.now() >= end:
            return end


async def wait_ended(deck: Deck, conductor: Conducted, clock: Clock) -> None:
    """Return when playback has reached the track's end, with no track to follow, and every cue has fallen due."""
    while True:
        await _end_of_track(deck, clock)
        if deck.repertoire.follow_on is not None and deck.repertoire.beside(1) is not None:
            await deck.moved.wait()
            continue
        deadline = conductor.next_deadline(deck.name)
        if deadline is None:
            return
        with trio.move_on_after(max(deadline - clock.now(), 0) / NS_PER_SECOND):
            await deck.moved.wait()
