"""Frames on a stream, against decoders of the tests' own."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.targets import Framing
from beatsync.outputs.framing import framed

PACKETS = st.lists(st.binary(min_size=1, max_size=64), max_size=8)


@given(PACKETS)
def test_packets_with_a_length_before_each_come_apart_again(packets: list[bytes]) -> None:
    stream = b"".join(framed(packet, Framing.LENGTH) for packet in packets)
    found = []
    while stream:
        (length,) = struct.unpack(">I", stream[:4])
        found.append(stream[4 : 4 + length])
        stream = stream[4 + length :]
    assert found == packets


@given(PACKETS)
def test_packets_in_slip_come_apart_again_and_end_at_both_ends(packets: list[bytes]) -> None:
    frames = [framed(packet, Framing.SLIP) for packet in packets]
    assert all(frame[0] == frame[-1] == 0xC0 and 0xC0 not in frame[1:-1] for frame in frames)
    parts = [part for part in b"".join(frames).split(b"\xc0") if part]
    assert [part.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb") for part in parts] == packets
