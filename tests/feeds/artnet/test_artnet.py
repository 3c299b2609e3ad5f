"""ArtTimeCode: which packets count, what they say of the track, and what is harmless."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from beatsync.clock import SystemClock
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.core.observation import Observation, RateKnowledge, TrackHint
from beatsync.core.timecode import DROP_FRAME, EBU, FILM, RATES_BY_CODE, SMPTE, FrameRate, Timecode, parse_timecode
from beatsync.core.timecode_map import Entry, TimecodeMap, one_track
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.feeds.artnet import packet
from beatsync.feeds.artnet.feed import ANOTHER_SENDER, ANOTHER_STREAM, ArtnetFeed, ArtnetReader
from beatsync.feeds.artnet.packet import ArtTimeCode, parse_packet
from beatsync.feeds.datagrams import Address, Datagram
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.readings import Ignored
from tests.feeds.artnet.packets import ART_DMX, ART_POLL, art_timecode
from tests.feeds.listening import Heard

DESK, STRANGER = ip_address("10.0.0.9"), ip_address("10.0.0.66")
ONE_O_CLOCK = FollowArtnet(tracks=one_track(parse_timecode("01:00:00:00")))
REASONS = {
    packet.NOT_ARTNET,
    packet.NOT_TIMECODE,
    packet.TOO_OLD,
    packet.TOO_SHORT,
    packet.UNKNOWN_RATE,
    packet.NO_SUCH_TIME,
    ANOTHER_STREAM,
    ANOTHER_SENDER,
}
GOOD = art_timecode("01:02:03:04", EBU)


def datagram(data: bytes, at: int = 0, sender: Address = DESK) -> Datagram:
    return Datagram(data, sender, 6454, HostNs(at))


@pytest.mark.parametrize("rate", RATES_BY_CODE, ids=lambda rate: rate.name)
def test_a_packet_says_its_time_at_its_rate(rate: FrameRate) -> None:
    assert parse_packet(art_timecode("01:02:03:04", rate, stream=7)) == ArtTimeCode(7, Timecode(1, 2, 3, 4), rate)


def test_the_bytes_are_those_of_the_specification() -> None:
    written = bytes.fromhex("4172742d4e657400 0097 000e 00 05 17 3b 3a 0c 00")
    assert len(written) == 19
    assert parse_packet(written) == ArtTimeCode(5, Timecode(12, 58, 59, 23), FILM)


def test_padding_does_no_harm() -> None:
    assert parse_packet(GOOD + bytes(5)) == parse_packet(GOOD)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", packet.NOT_ARTNET),
        (b"/position\0\0\0,f\0\0....", packet.NOT_ARTNET),
        (ART_POLL, packet.NOT_TIMECODE),
        (ART_DMX, packet.NOT_TIMECODE),
        (b"Art-Net\0", packet.NOT_TIMECODE),
        (GOOD[:18], packet.TOO_SHORT),
        (GOOD[:11] + b"\x0d" + GOOD[12:], packet.TOO_OLD),
        (GOOD[:18] + b"\x04", packet.UNKNOWN_RATE),
        (art_timecode(Timecode(24, 0, 0, 0), EBU), packet.NO_SUCH_TIME),
        (art_timecode(Timecode(0, 60, 0, 0), EBU), packet.NO_SUCH_TIME),
        (art_timecode(Timecode(0, 0, 60, 0), EBU), packet.NO_SUCH_TIME),
        (art_timecode(Timecode(0, 0, 0, 25), EBU), packet.NO_SUCH_TIME),
        (art_timecode("00:01:00:00", DROP_FRAME), packet.NO_SUCH_TIME),
    ],
)
def test_what_is_no_timecode_is_ignored_for_a_fixed_reason(data: bytes, reason: Ignored) -> None:
    """F7"""
    assert parse_packet(data) == reason


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda rest: b"Art-Net\0\x00\x97" + rest))
def test_any_bytes_are_a_time_that_exists_or_a_fixed_reason(data: bytes) -> None:
    """F7, K1: fuzzed datagrams."""
    read = parse_packet(data)
    assert read in REASONS if isinstance(read, Ignored) else read.timecode.exists(read.rate)


def test_a_timecode_is_a_position_in_the_track_at_the_instant_of_its_arrival() -> None:
    reader = ArtnetReader(ONE_O_CLOCK)
    assert reader.read(datagram(art_timecode("01:00:02:00", SMPTE), at=77)) == Observation(
        host=HostNs(77), position=TrackNs(2 * NS_PER_SECOND)
    )
    assert reader.read(datagram(art_timecode("00:59:59:12", FILM), at=78)) == Observation(
        host=HostNs(78), position=TrackNs(-NS_PER_SECOND // 2)
    )


def test_a_drop_frame_minute_is_counted_in_frames() -> None:
    reading = ArtnetReader(ONE_O_CLOCK).read(datagram(art_timecode("01:01:00:02", DROP_FRAME)))
    assert isinstance(reading, Observation)
    assert reading.position == 60_060_000_000


def test_thirty_that_is_really_29_97_is_counted_so() -> None:
    reading = ArtnetReader(FollowArtnet(pull_down=True)).read(datagram(art_timecode("00:00:10:00", SMPTE)))
    assert isinstance(reading, Observation)
    assert reading.position == 10_010_000_000


def test_jumps_and_repeats_are_for_the_estimator_to_judge() -> None:
    reader = ArtnetReader(ONE_O_CLOCK)
    readings = [
        reader.read(datagram(art_timecode(text, EBU), at=at))
        for at, text in enumerate(["01:00:00:00", "01:00:00:00", "02:00:00:00", "01:30:00:00"])
    ]
    assert [(r.jump, r.playing) for r in readings if isinstance(r, Observation)] == [(False, None)] * 4


def test_a_stream_that_was_not_asked_for_is_not_heard() -> None:
    reader = ArtnetReader(FollowArtnet(stream=2))
    assert reader.read(datagram(art_timecode("01:00:00:00", EBU, stream=1))) == ANOTHER_STREAM
    assert isinstance(reader.read(datagram(art_timecode("01:00:00:00", EBU, stream=2))), Observation)


def test_of_two_senders_the_first_is_heard_until_it_falls_silent() -> None:
    """F11"""
    reader = ArtnetReader(ONE_O_CLOCK)
    assert isinstance(reader.read(datagram(GOOD, at=0)), Observation)
    assert reader.read(datagram(GOOD, at=ms(500), sender=STRANGER)) == ANOTHER_SENDER
    assert isinstance(reader.read(datagram(GOOD, at=ms(900))), Observation)
    assert reader.read(datagram(GOOD, at=ms(2900), sender=STRANGER)) == ANOTHER_SENDER
    assert isinstance(reader.read(datagram(GOOD, at=ms(2901), sender=STRANGER)), Observation)
    assert reader.read(datagram(GOOD, at=ms(2902))) == ANOTHER_SENDER


def test_a_sender_of_nonsense_takes_the_feed_from_nobody() -> None:
    reader = ArtnetReader(ONE_O_CLOCK)
    reader.read(datagram(ART_DMX, sender=STRANGER))
    reader.read(datagram(art_timecode("01:00:00:00", EBU, stream=9), sender=STRANGER))
    assert isinstance(reader.read(datagram(GOOD)), Observation)


def test_between_the_tracks_of_a_set_nothing_plays_and_each_is_named() -> None:
    minute = ms(60_000)
    tracks = TimecodeMap(
        (
            Entry(parse_timecode("01:00:00:00"), minute, TrackHint(title="one")),
            Entry(parse_timecode("02:00:00:00"), minute, TrackHint(title="two")),
        ),
    )
    reader = ArtnetReader(FollowArtnet(tracks=tracks))
    said = [
        reader.read(datagram(art_timecode(text, EBU)))
        for text in ("01:00:00:00", "01:00:30:00", "01:01:00:00", "01:30:00:00", "02:00:01:00", "02:00:01:01")
    ]
    here = HostNs(0)
    assert said == [
        Observation(host=here, position=TrackNs(0), track=TrackHint(title="one")),
        Observation(host=here, position=TrackNs(30 * NS_PER_SECOND)),
        Observation(host=here, playing=False),
        Observation(host=here, playing=False),
        Observation(host=here, position=TrackNs(NS_PER_SECOND), playing=True, jump=True, track=TrackHint(title="two")),
        Observation(host=here, position=TrackNs(NS_PER_SECOND + ms(40))),
    ]


def test_from_one_track_straight_into_the_next_is_a_jump() -> None:
    tracks = TimecodeMap((Entry(parse_timecode("01:00:00:00")), Entry(parse_timecode("01:01:00:00"))))
    reader = ArtnetReader(FollowArtnet(tracks=tracks))
    reader.read(datagram(art_timecode("01:00:59:24", EBU)))
    assert reader.read(datagram(art_timecode("01:01:00:00", EBU))) == Observation(
        host=HostNs(0), position=TrackNs(0), jump=True
    )


def test_a_timecode_that_may_run_at_any_speed_says_so() -> None:
    assert ArtnetFeed(FollowArtnet(), clock=SystemClock()).character.rate is RateKnowledge.FIXED
    assert ArtnetFeed(FollowArtnet(varispeed=True), clock=SystemClock()).character.rate is RateKnowledge.INFERRED


# The feed on a real port


@asynccontextmanager
async def listening(settings: FollowArtnet) -> AsyncIterator[Heard]:
    """A feed that is known to hear."""
    heard = Heard()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ArtnetFeed(settings, clock=SystemClock()).listen, heard)
        while not heard.ignored:
            send(settings.port, b"knock")
            await trio.sleep(0.01)
        yield heard
        nursery.cancel_scope.cancel()


def send(port: int, *payloads: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for payload in payloads:
            sender.sendto(payload, ("127.0.0.1", port))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_timecode_is_heard_amid_dmx_with_the_kernels_stamp() -> None:
    port = free_port()
    async with listening(FollowArtnet(host="127.0.0.1", port=port)) as heard:
        before = SystemClock().now()
        send(port, ART_DMX, art_timecode("00:00:01:00", EBU), ART_POLL, art_timecode("00:00:01:01", EBU))
        after = SystemClock().now()
        observations = await heard.wait_for(2)
        assert [o.position for o in observations] == [NS_PER_SECOND, NS_PER_SECOND + ms(40)]
        assert all(before - ms(1) <= o.host <= after + ms(1) for o in observations)
        assert heard.ignored[packet.NOT_TIMECODE.reason] == 2
        assert heard.sources == ["Art-Net timecode from 127.0.0.1"]


async def test_a_port_that_another_program_has_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        settings = FollowArtnet(host="127.0.0.1", port=other.getsockname()[1])
        with pytest.raises(FeedTrouble, match=f"already in use by process {os.getpid()} "):
            await ArtnetFeed(settings, clock=SystemClock()).listen(Heard())
