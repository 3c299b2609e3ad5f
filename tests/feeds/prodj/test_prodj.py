"""Pro DJ Link: positions and beats of one player, out of constructed packets. No player was there."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from beatsync.clock import SystemClock
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.core.observation import Observation
from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.datagrams import Address, Datagram
from beatsync.feeds.prodj import packet
from beatsync.feeds.prodj.feed import (
    ANOTHER_PLAYER,
    ANOTHER_SENDER,
    NO_NEWS,
    SECOND_OF_A_BEAT,
    ProDjFeed,
    ProDjReader,
)
from beatsync.feeds.prodj.packet import Beat, Position, parse_packet
from beatsync.feeds.readings import Ignored, Reading
from tests.feeds.listening import PATIENCE_SECONDS, Heard
from tests.feeds.prodj.packets import KEEP_ALIVE, MAGIC, UNKNOWN, beat, position

PLAYER, STRANGER = ip_address("169.254.10.2"), ip_address("169.254.10.66")
PARSING_REASONS = {
    packet.NOT_PRO_DJ_LINK,
    packet.NOT_POSITION,
    packet.TOO_SHORT,
    packet.NO_POSITION,
    packet.BEYOND_THE_TRACK,
    packet.NO_SUCH_PITCH,
    packet.NO_SUCH_BEAT,
}


def read(*packets: bytes, every: int = ms(30), reader: ProDjReader | None = None) -> list[Reading]:
    reader = reader or ProDjReader(FollowProDjLink(device=2))
    return [reader.read(datagram(data, index * every)) for index, data in enumerate(packets)]


def datagram(data: bytes, at: int = 0, sender: Address = PLAYER) -> Datagram:
    return Datagram(data, sender, 50001, HostNs(at))


def test_the_sizes_are_those_that_are_known() -> None:
    assert len(position(0)) == 0x3C
    assert len(beat(1)) == 0x60


def test_a_position_with_its_pitch() -> None:
    """The example of the published analysis: 326 is +3.26 %."""
    assert parse_packet(position(61_234, pitch=326)) == Position(
        device=2, length=ms(240_000), position=TrackNs(ms(61_234)), rate=Rate(1_032_600_000)
    )


def test_a_beat_with_its_pitch() -> None:
    assert parse_packet(beat(3, device=4, pitch=-6.25)) == Beat(4, 3, Rate(937_500_000))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", packet.NOT_PRO_DJ_LINK),
        (b"Art-Net\0\0\x97", packet.NOT_PRO_DJ_LINK),
        (MAGIC, packet.NOT_POSITION),
        (KEEP_ALIVE, packet.NOT_POSITION),
        (position(0)[:-1], packet.TOO_SHORT),
        (beat(1)[:-1], packet.TOO_SHORT),
        (position(UNKNOWN), packet.NO_POSITION),
        (position(0, seconds=UNKNOWN), packet.NO_POSITION),
        (position(242_001), packet.BEYOND_THE_TRACK),
        (position(0, pitch=10_001), packet.NO_SUCH_PITCH),
        (position(0, pitch=-10_001), packet.NO_SUCH_PITCH),
        (beat(1, pitch=101), packet.NO_SUCH_PITCH),
        (beat(0), packet.NO_SUCH_BEAT),
        (beat(5), packet.NO_SUCH_BEAT),
    ],
)
def test_what_is_of_no_use_is_ignored_for_a_fixed_reason(data: bytes, reason: Ignored) -> None:
    """F7"""
    assert parse_packet(data) == reason


@given(
    st.binary(max_size=120)
    | st.tuples(st.sampled_from([0x0B, 0x28, 0x0A]), st.binary(max_size=100)).map(
        lambda parts: MAGIC + bytes([parts[0]]) + parts[1]
    )
)
def test_any_bytes_are_a_packet_or_a_fixed_reason(data: bytes) -> None:
    """F7, K1"""
    read = parse_packet(data)
    if isinstance(read, Ignored):
        assert read in PARSING_REASONS
    else:
        assert 0 <= read.rate <= 2 * NORMAL_RATE


@given(st.integers(0, 240_000), st.integers(-9_999, 10_000))
def test_every_position_and_pitch_is_read_as_it_was_written(milliseconds: int, pitch: int) -> None:
    read = parse_packet(position(milliseconds, pitch=pitch))
    assert isinstance(read, Position)
    assert read.position == TrackNs(ms(milliseconds))
    assert read.rate == NORMAL_RATE + pitch * 100_000


def test_the_pitch_is_told_when_it_changes() -> None:
    """F15"""
    readings = read(position(0), position(30), position(60, pitch=800), position(92, pitch=800))
    assert readings == [
        Observation(host=HostNs(0), position=TrackNs(0), rate=NORMAL_RATE),
        Observation(host=HostNs(ms(30)), position=TrackNs(ms(30))),
        Observation(host=HostNs(ms(60)), position=TrackNs(ms(60)), rate=Rate(1_080_000_000)),
        Observation(host=HostNs(ms(90)), position=TrackNs(ms(92))),
    ]


def test_other_players_are_not_heard() -> None:
    assert read(position(0, device=1), beat(1, device=3)) == [ANOTHER_PLAYER] * 2


def test_a_track_of_another_length_is_a_jump() -> None:
    readings = read(position(90_000), position(0, seconds=301), position(30, seconds=301))
    assert [r.jump for r in readings if isinstance(r, Observation)] == [False, True, False]


def test_a_player_that_only_sends_beats_tells_its_pitch_and_no_position() -> None:
    readings = read(beat(1, pitch=6.25), beat(2, pitch=6.25), every=ms(470))
    assert [(r.rate, r.position, r.playing) for r in readings if isinstance(r, Observation)] == [
        (1_062_500_000, None, None)
    ] * 2


def test_beats_beside_positions_tell_nothing_new() -> None:
    assert read(position(0), beat(1))[1] == NO_NEWS


def test_the_second_packet_of_a_beat_counts_for_nothing() -> None:
    """An XDJ-XZ sends two, the later one up to three quarters of a beat late."""
    reader = ProDjReader(FollowProDjLink(device=2))
    said = [
        reader.read(datagram(beat(of_bar), ms(at)))
        for of_bar, at in ((1, 0), (1, 350), (2, 470), (2, 800), (3, 940), (4, 1410), (1, 1880))
    ]
    assert [isinstance(reading, Observation) for reading in said] == [True, False, True, False, True, True, True]
    assert said[1] == said[3] == SECOND_OF_A_BEAT


def test_a_second_sender_with_the_same_number_is_not_heard() -> None:
    """F11"""
    reader = ProDjReader(FollowProDjLink(device=2))
    assert isinstance(reader.read(datagram(position(0))), Observation)
    assert reader.read(datagram(position(99_000), ms(10), STRANGER)) == ANOTHER_SENDER


async def test_a_player_is_heard_on_a_real_port_and_nothing_is_sent_to_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as player:
        player.bind(("127.0.0.1", 0))
        player.setblocking(False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        feed = ProDjFeed(FollowProDjLink(device=2, host="127.0.0.1", port=port), clock=SystemClock())
        heard = Heard()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(feed.listen, heard)
            with trio.fail_after(PATIENCE_SECONDS):
                while not heard.observations:
                    player.sendto(position(1_000), ("127.0.0.1", port))
                    await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
        assert heard.observations[0].position == TrackNs(ms(1_000))
        assert heard.sources == ["Pro DJ Link player 2 at 127.0.0.1 (experimental)"]
        with pytest.raises(BlockingIOError):
            player.recv(1)
