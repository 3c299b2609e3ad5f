"""The real python-rtmidi: over JACK, whose server runs without hardware; and where there is no MIDI at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rtmidi  # type: ignore[import-untyped]
import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.midi import ExistingPort, VirtualPort
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.core.timecode import EBU, parse_timecode
from beatsync.core.units import TrackNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.midi import inputs
from beatsync.feeds.midi.feed import mtc_feed
from beatsync.feeds.midi.inputs import RtMidi
from tests.feeds.jack import jack_server
from tests.feeds.listening import PATIENCE_SECONDS, Heard
from tests.feeds.midi.messages import full_time, tape

MESSAGES = [message for message, _ in tape(parse_timecode("00:00:01:00"), EBU, codes=2)]


@pytest.fixture
def jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with jack_server(monkeypatch.setenv):
        yield


def player() -> Any:
    return rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk")


async def connected(heard: Heard) -> None:
    with trio.fail_after(PATIENCE_SECONDS):
        while not heard.sources:
            await trio.sleep(0.01)


async def play(desk: Any, messages: list[bytes], heard: Heard, *, until: int) -> None:
    """Again and again: a JACK server that is short of time loses messages."""
    with trio.fail_after(PATIENCE_SECONDS):
        while len(heard.observations) < until:
            for message in messages:
                desk.send_message(message)
            await trio.sleep(0.2)


async def test_a_virtual_input_is_there_for_others_and_heard(jack: None) -> None:
    heard = Heard()
    feed = mtc_feed(FollowMtc(port=VirtualPort("timecode")), clock=SystemClock())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        await connected(heard)
        desk = player()
        (index,) = [i for i, name in enumerate(desk.get_ports()) if name == "beatsync:timecode"]
        desk.open_port(index)
        located = full_time(parse_timecode("00:01:00:00"), EBU)
        await play(desk, [located, *MESSAGES], heard, until=6)
        said = {(o.position, o.jump, o.playing) for o in heard.observations}
        assert said <= {
            (TrackNs(ms(60_000)), True, False),
            (TrackNs(ms(1000)), False, True),
            (TrackNs(ms(1080)), False, True),
        }
        assert heard.sources == ["MIDI time code from the virtual MIDI input timecode"]
        desk.close_port()
        desk.delete()
        nursery.cancel_scope.cancel()


async def test_a_port_is_found_heard_and_missed_when_it_goes(jack: None) -> None:
    heard = Heard()
    desk = player()
    desk.open_virtual_port("timecode out")
    feed = mtc_feed(FollowMtc(port=ExistingPort("desk")), clock=SystemClock())

    async def play_and_go() -> None:
        await connected(heard)
        await play(desk, MESSAGES, heard, until=2)
        desk.close_port()
        desk.delete()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(play_and_go)
        with pytest.raises(FeedTrouble, match="the MIDI input desk:timecode out has gone"):
            await feed.listen(heard)
    with pytest.raises(FeedTrouble, match="there are no MIDI inputs, so none is 'desk'"):
        await feed.listen(heard)


PROBE = """
import importlib
def import_module(name, real=importlib.import_module):
    if name == {missing!r}:
        raise {error}(name)
    return real(name)
importlib.import_module = import_module
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.midi.inputs import RtMidi
try:
    print(RtMidi().names())
except FeedTrouble as trouble:
    print(trouble)
"""


def in_another_process(missing: str, error: str) -> str:
    """What is said where importing `missing` fails with `error`, and no JACK server runs."""
    probe = subprocess.run(
        [sys.executable, "-c", PROBE.format(missing=missing, error=error)],
        env={**os.environ, "JACK_DEFAULT_SERVER": "nobody-runs-this-server"},
        capture_output=True,
        text=True,
        check=True,
    )
    return probe.stdout.strip()


def test_without_the_extra_the_trouble_says_how_to_get_it() -> None:
    assert in_another_process("rtmidi", "ModuleNotFoundError") == inputs.MISSING


def test_without_alsas_library_the_trouble_says_how_to_get_it() -> None:
    assert in_another_process("rtmidi", "ImportError") == inputs.NO_ALSA


@pytest.mark.skipif(Path("/dev/snd/seq").exists(), reason="this machine has ALSA's sequencer")
def test_without_any_midi_the_trouble_says_what_is_missing() -> None:
    assert in_another_process("nothing", "ImportError") == inputs.NO_MIDI


def test_a_port_that_went_before_it_was_opened_is_named(jack: None) -> None:
    with pytest.raises(FeedTrouble, match="cannot open the MIDI input 'desk'; is it still plugged in"):
        RtMidi().open("desk", lambda _: None)
