"""LTC from an audio input: mpv plays a tape into JACK, sounddevice captures it. And what is said where none is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from beatsync.clock import SystemClock
from beatsync.config.feeds.ltc import AudioInput, FollowLtc
from beatsync.core.timecode import EBU, frame_number, frame_start, parse_timecode
from beatsync.core.units import HostNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc import capture
from beatsync.feeds.ltc.capture import captured_by
from beatsync.feeds.ltc.feed import LtcFeed
from tests.feeds.jack import jack_server, mpv_playing
from tests.feeds.listening import Heard
from tests.feeds.ltc.tape import recorded, wav

START = parse_timecode("01:00:00:00")


async def heard_from(name: str, frames: int) -> Heard:
    """A feed is started again until the input is there, as whoever runs it does."""
    heard = Heard()
    feed = LtcFeed(FollowLtc(audio=AudioInput(name), fps=EBU), clock=SystemClock())

    async def listen() -> None:
        while True:
            try:
                await feed.listen(heard)
            except FeedTrouble:
                await trio.sleep(0.1)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await heard.wait_for(frames)
        nursery.cancel_scope.cancel()
    return heard


async def test_a_tape_is_heard_through_a_sound_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tape = tmp_path / "tape.wav"
    tape.write_bytes(wav(recorded(START, EBU, frames=1500).samples, bits=16))
    with jack_server(monkeypatch.setenv), mpv_playing(tape, "tape"):
        heard = await heard_from("tape", 100)
    assert heard.sources == ["LTC from the audio input tape"]
    first = frame_start(frame_number(START, EBU), EBU)
    positions = [observation.position or 0 for observation in heard.observations]
    assert all(0 < position - first <= ms(60_000) for position in positions)
    assert all((position - first) % ms(40) == 0 for position in positions)


async def test_an_input_that_stops_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """JACK's server goes."""
    heard = Heard()
    feed = LtcFeed(FollowLtc(audio=AudioInput("system"), fps=EBU), clock=SystemClock())
    async with trio.open_nursery() as nursery:
        with jack_server(monkeypatch.setenv) as _:
            nursery.start_soon(_expect, feed, heard, "the audio input system has stopped; is it still plugged in")
            while not heard.sources:
                await trio.sleep(0.01)


async def _expect(feed: LtcFeed, heard: Heard, trouble: str) -> None:
    with pytest.raises(FeedTrouble, match=trouble):
        await feed.listen(heard)


@pytest.mark.parametrize(
    ("name", "channel", "trouble"),
    [
        ("USB", 1, "none of the audio inputs has 'USB' in its name there are: 'system'"),
        ("system", 3, "the audio input system has 2 channels, and channel is 3"),
    ],
)
async def test_an_input_that_is_not_there_is_trouble_that_names_what_is(
    monkeypatch: pytest.MonkeyPatch, name: str, channel: int, trouble: str
) -> None:
    settings = FollowLtc(audio=AudioInput(name), fps=EBU, channel=channel)
    with jack_server(monkeypatch.setenv), pytest.raises(FeedTrouble, match=trouble):
        await LtcFeed(settings, clock=SystemClock()).listen(Heard())


PROBE = """
import ctypes.util, sys
{missing}
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.capture import _sounddevice
try:
    _sounddevice()
except FeedTrouble as trouble:
    print(trouble)
"""


@pytest.mark.parametrize(
    ("missing", "trouble"),
    [
        ('sys.modules["sounddevice"] = None', capture.MISSING),
        ("ctypes.util.find_library = lambda name: None", capture.NO_PORTAUDIO),
    ],
)
def test_what_is_not_installed_is_named_with_the_remedy(missing: str, trouble: str) -> None:
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "nobody-runs-this-server"}
    command = [sys.executable, "-c", PROBE.format(missing=missing)]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == trouble


@given(st.floats(), st.floats(0, 1))
def test_whatever_a_driver_says_of_its_clock_no_capture_is_later_than_now(since_first: float, seconds: float) -> None:
    now = HostNs(10**12)
    assert now - ms(1000) <= captured_by(now, since_first=since_first, seconds=seconds) <= now


def test_the_last_sample_is_younger_than_the_first_by_the_length_of_the_buffer() -> None:
    now = HostNs(10**12)
    assert captured_by(now, since_first=0.030, seconds=0.010) == now - ms(20)
