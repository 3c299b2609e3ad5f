"""What a conductor is to do about a verdict on a deck's playback. Pure.

Word of a pause comes late, by as long as it takes the source to say so. What has fired meanwhile has fired: the deck
stands where it has got to, and does not fire it again when playback goes on. So there the estimator's position and the
conductor's differ for a while, by no more than `OVERRUN`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from beatsync.conductor.actions import Action, Adjust, Seek, Stop
from beatsync.core.failover import NEAR
from beatsync.core.playback import Adjusted, Held, Jumped, Lost, Paused, Resumed, TrackChanged, Verdict
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, ms

OVERRUN: Final = ms(500)
"""mpv over MPRIS says that it is paused up to 0.1 s late; that a position stands still is seen after 0.3 to 0.45 s, at
ten readings a second. Further back than this playback has gone back."""


def actions_of(deck: str, verdict: Verdict, *, before: Transport | None, now: HostNs) -> list[Action]:
    """What to do. `before`: the line that the conductor follows."""
    match verdict:
        case Held():
            return []
        case Adjusted(transport=transport):
            return [Adjust(deck, transport)]
        case (
            TrackChanged(transport=transport) | Lost(transport=transport) | Jumped(transport=transport, went_from=None)
        ):
            return to_follow(deck, transport, before=before, now=now)
        case Paused(transport=transport):
            return [Seek(deck, _as_far_as_it_got(transport, before, now))]
        case Resumed(transport=transport) | Jumped(transport=transport):
            return _go_on(deck, transport, before, now)
        case _:
            assert_never(verdict)


def to_follow(deck: str, transport: Transport | None, *, before: Transport | None, now: HostNs) -> list[Action]:
    """Follow a line that was found; one by which the deck goes already, near enough, is the same playback."""
    if transport is None:
        return [Stop(deck)]
    if before == transport:
        return []
    if before is not None and before.moving and transport.moving:
        apart = transport.position_at(now) - before.position_at(now)
        if abs(apart) <= NEAR:
            return [Adjust(deck, transport)]
    return [Seek(deck, transport)]


def _as_far_as_it_got(paused: Transport, before: Transport | None, now: HostNs) -> Transport:
    if before is None or not before.moving:
        return paused
    here = before.position_at(now)
    return replace(paused, host=now, track=here) if 0 < here - paused.position_at(now) <= OVERRUN else paused


def _go_on(deck: str, transport: Transport, before: Transport | None, now: HostNs) -> list[Action]:
    """From where it got to before word of a pause came; or from somewhere else altogether."""
    stood = before is not None and not before.moving and transport.moving
    if before is None or not stood or not 0 < before.track - transport.position_at(now) <= OVERRUN:
        return [Seek(deck, transport)]
    return [Seek(deck, replace(transport, host=now, track=before.track)), Adjust(deck, transport)]
