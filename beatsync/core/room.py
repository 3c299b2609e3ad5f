"""How large a message to a target may be: what carries it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.limits import MAX_DATAGRAM_BYTES, MAX_DATAGRAM_BYTES_IPV6, MAX_STREAM_PACKET_BYTES
from beatsync.core.osc import BUNDLE_HEAD_BYTES, BUNDLED_BYTES
from beatsync.core.targets import Carrier, Target


@dataclass(frozen=True, slots=True)
class Room:
    """`most` bytes of a message; `reason` says whose limit that is. `in_fragments`: a large one travels in pieces."""

    most: int
    reason: str
    in_fragments: bool


A_DATAGRAM: Final = Room(MAX_DATAGRAM_BYTES, f"a UDP datagram holds at most {MAX_DATAGRAM_BYTES:,}", in_fragments=True)


def room_of(target: Target) -> Room:
    """A bundle around each message, for its time tag or to share it with others, takes some of it."""
    wrapped = BUNDLE_HEAD_BYTES + BUNDLED_BYTES if target.ahead or target.bundles else 0
    around = f", {wrapped} of them for the bundle around it" if wrapped else ""
    if target.carrier is Carrier.TCP:
        most = MAX_STREAM_PACKET_BYTES
        return Room(most - wrapped, f"over TCP at most {most:,} are sent{around}", in_fragments=False)
    most = MAX_DATAGRAM_BYTES_IPV6 if ":" in target.host else MAX_DATAGRAM_BYTES
    return Room(most - wrapped, f"a UDP datagram holds at most {most:,}{around}", in_fragments=True)
