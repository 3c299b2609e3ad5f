"""What leaves in one piece: the outcomes of a step as packets, put together before their instant has come.

A target may want the cues of one instant in one bundle, or tagged with their instant; most get a message for each cue,
encoded when the schedule was compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from beatsync.clock import Clock
from beatsync.core.limits import UNFRAGMENTED_BYTES
from beatsync.core.osc import BUNDLE_HEAD_BYTES, BUNDLED_BYTES, bundle
from beatsync.core.targets import Carrier, Target
from beatsync.core.units import HostNs
from beatsync.core.verdicts import Outcome

MANY_PARCELS: Final = 24
VOLLEY: Final = 5
"""Of 500 packets to 20 targets the last target's first one leaves after 95 others, not after 475."""


class Parcel(NamedTuple):
    """One packet to one target. `outcomes`: the places, in the step, of those that it carries."""

    target: str
    packet: bytes
    outcomes: tuple[int, ...]


def parcels_of(
    outcomes: Sequence[Outcome], targets: Mapping[str, Target], *, clock: Clock, now: HostNs
) -> list[Parcel]:
    """Parcels for what is to be sent, in order; a parcel leaves when its first outcome's turn has come."""
    parcels: list[Parcel] = []
    for target, places in _grouped(outcomes, targets):
        if target is None or not (target.bundles or target.ahead):
            parcels += [Parcel(outcomes[place].cue.target, outcomes[place].cue.packet, (place,)) for place in places]
            continue
        first = outcomes[places[0]]
        tag = clock.wall_of(first.due) if target.ahead and first.due > now else None
        packet = bundle([outcomes[place].cue.packet for place in places], tag)
        parcels.append(Parcel(first.cue.target, packet, tuple(places)))
    return parcels


def volleys_of(parcels: Sequence[Parcel], targets: Mapping[str, Target]) -> list[tuple[Parcel, ...]]:
    """Parcels that are handed over together, in the order in which they are: by turns to each target, a few at a time.

    Only where there are many, and to receivers that are sent datagrams without a pace.
    """
    if len(parcels) < MANY_PARCELS:
        return [(parcel,) for parcel in parcels]
    queues: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        queues.setdefault(parcel.target, []).append(parcel)
    volleys: list[tuple[Parcel, ...]] = []
    for first in range(0, max(map(len, queues.values())), VOLLEY):
        for name, queue in queues.items():
            turn = queue[first : first + VOLLEY]
            together = name in targets and targets[name].carrier is Carrier.UDP and targets[name].pace is None
            volleys += [tuple(turn)] if together and turn else [(parcel,) for parcel in turn]
    return volleys


def _grouped(outcomes: Sequence[Outcome], targets: Mapping[str, Target]) -> list[tuple[Target | None, list[int]]]:
    """The places of outcomes that share a packet."""
    groups: list[tuple[Target | None, list[int]]] = []
    open_groups: dict[tuple[str, HostNs], tuple[list[int], int]] = {}
    for place, outcome in enumerate(outcomes):
        if not outcome.to_send:
            continue
        target = targets.get(outcome.cue.target)
        if target is None or not target.bundles:
            groups.append((target, [place]))
            continue
        key = (target.name, outcome.due)
        size = BUNDLED_BYTES + len(outcome.cue.packet)
        group, taken = open_groups.get(key, ([], 0))
        if not group or taken + size > UNFRAGMENTED_BYTES:
            group, taken = [], BUNDLE_HEAD_BYTES
            groups.append((target, group))
        group.append(place)
        open_groups[key] = (group, taken + size)
    return groups
