"""OSC packets on a stream: a length before each (OSC 1.0), or SLIP with END at both ends (OSC 1.1)."""

from __future__ import annotations

import struct
from typing import assert_never

from pythonosc import slip

from beatsync.core.targets import Framing


def framed(packet: bytes, framing: Framing) -> bytes:
    """`packet` as one frame."""
    match framing:
        case Framing.LENGTH:
            return struct.pack(">I", len(packet)) + packet
        case Framing.SLIP:
            return slip.encode(packet)
        case _:
            assert_never(framing)
