"""What nobody announces, put into the ring: sections that playback enters, and the health of receivers."""

from __future__ import annotations

from typing import Final, Never

import trio

from beatsync.control.ring import HealthChanged, Kind, Ring, SectionEntered
from beatsync.core.track import Section, Track
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs
from beatsync.decks.deck import Deck
from beatsync.decks.ensemble import Ensemble
from beatsync.outputs.output import Health

LOOK_SECONDS: Final = 0.25
"""A better estimate of playback announces nothing: it is looked at again so often."""

HEALTH_SECONDS: Final = 1.0


def next_change(track: Track, transport: Transport, now: HostNs) -> HostNs | None:
    """When playback comes to the next start or end of a section; None where it does not."""
    if not transport.moving:
        return None
    here = transport.position_at(now)
    edges = (edge for section in track.sections for edge in (section.start, section.end) if edge > here)
    following = min(edges, default=None)
    return None if following is None else transport.host_at(following)


async def watch_sections(ensemble: Ensemble, ring: Ring) -> Never:
    """Tell of every section that a deck enters, until cancelled."""
    known: dict[str, Section | None] = {}
    while True:
        now, wake = ensemble.clock.now(), LOOK_SECONDS
        for name, deck in ensemble.decks.items():
            section, position = _section_of(deck, now)
            if known.get(name) != section:
                known[name] = section
                ring.put(Kind.SECTION, _entered_at(deck, section, now), SectionEntered(name, section, position))
            track, transport = deck.material.track if deck.material else None, deck.transport
            change = None if track is None or transport is None else next_change(track, transport, now)
            if change is not None:
                wake = min(wake, max(change - now, 0) / NS_PER_SECOND)
        await trio.sleep(wake)


def _section_of(deck: Deck, now: HostNs) -> tuple[Section | None, TrackNs | None]:
    transport, material = deck.transport, deck.material
    if transport is None or material is None:
        return None, None
    position = transport.position_at(now)
    return material.track.section_at(position), position


def _entered_at(deck: Deck, section: Section | None, now: HostNs) -> HostNs:
    """When it was entered: as it was noticed a moment later, where playback came to its start by itself."""
    transport = deck.transport
    if section is None or transport is None or not transport.moving:
        return now
    began = transport.host_at(section.start)
    return began if now - began < LOOK_SECONDS * NS_PER_SECOND and began >= transport.host else now


async def watch_health(ensemble: Ensemble, ring: Ring) -> Never:
    """Tell of every receiver of which something else is known than before, until cancelled."""
    known: dict[str, Health] = {}
    while True:
        for name, health in ensemble.conductor.snapshot().health.items():
            before = known.get(name)
            if before is None or (before.state, before.detail) != (health.state, health.detail):
                ring.put(Kind.HEALTH, ensemble.clock.now(), HealthChanged(name, health))
            known[name] = health
        await trio.sleep(HEALTH_SECONDS)
