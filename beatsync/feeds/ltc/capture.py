"""`python -m beatsync.feeds.ltc.capture NAME CHANNEL`: an audio input's samples on standard output, and their instants.

A process of its own, because PortAudio takes the one that it is in down with it when its sound server goes (an
assertion in its JACK part, met in our tests), and sees what was plugged in only when it starts. And because nothing
else keeps its interpreter busy, so that instants are what they should be.

First a line of JSON: `{"name", "rate"}`, or `{"trouble"}` and the end. Then a head and samples for each block.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from beatsync.clock import SystemClock
from beatsync.config.feeds.ltc import RawPcm
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.feeds.choosing import chosen
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.audio import Block
from beatsync.feeds.ltc.pcm import channel_of

MISSING: Final = "an audio input needs sounddevice, which is not installed; pip install 'beatsync[audio]'"
NO_PORTAUDIO: Final = "an audio input needs PortAudio, which is not installed; apt-get install libportaudio2"

HEAD: Final = struct.Struct("<qI?")
"""When the last sample was captured, how many there are, whether some were lost before them."""

SILENT_SECONDS: Final = 1.0
"""An input that hears nothing still makes samples; one that makes none for so long has stopped."""

_MOST_WAITING: Final = 256
_LONGEST_SECONDS: Final = 1.0
"""A capture that is said to lie further back, or in the future, is none: some drivers say nothing, others anything."""


class Capture:
    """One input."""

    def __init__(self, name: str | None, channel: int) -> None:
        """`name`: None for the default; `channel`: from 1. Raises FeedTrouble where it cannot be heard."""
        self._clock = SystemClock()
        self._blocks: queue.Queue[Block] = queue.Queue(_MOST_WAITING)
        self._lost = False
        sounddevice = _sounddevice()
        device = _device(sounddevice, name, channel)
        self.name = str(device["name"])
        self.pcm = RawPcm(int(device["default_samplerate"]), channel)
        try:
            self._stream = sounddevice.RawInputStream(
                samplerate=self.pcm.rate,
                device=device["index"],
                channels=channel,
                dtype="int16",
                latency="low",
                callback=self._hear,
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise FeedTrouble(f"cannot open the audio input {self.name}: {str(error.args[0]).lower()}") from None

    def block(self) -> Block | None:
        """The next samples; None where the input has stopped."""
        try:
            return self._blocks.get(timeout=SILENT_SECONDS)
        except queue.Empty:
            return None

    def _hear(self, data: Any, frames: int, time: Any, status: Any) -> None:
        """Called by PortAudio, in a thread of its own; `time` is on a clock of its own."""
        now = self._clock.now()
        since_first = self._stream.time - time.inputBufferAdcTime
        samples = channel_of(bytes(data), self.pcm, self.pcm.channels)
        end = captured_by(now, since_first=since_first, seconds=frames / self.pcm.rate)
        try:
            self._blocks.put_nowait(Block(samples, end, gap=self._lost or bool(status.input_overflow)))
            self._lost = False
        except queue.Full:
            self._lost = True


def captured_by(now: HostNs, *, since_first: float, seconds: float) -> HostNs:
    """When the last sample of a buffer of so many seconds was captured, whose first one was `since_first` ago."""
    if not 0 <= since_first <= _LONGEST_SECONDS:
        return now
    return HostNs(now - max(0, round((since_first - seconds) * NS_PER_SECOND)))


def _sounddevice() -> Any:
    try:
        return importlib.import_module("sounddevice")
    except ImportError:
        raise FeedTrouble(MISSING) from None
    except OSError:
        raise FeedTrouble(NO_PORTAUDIO) from None


def _device(sounddevice: Any, name: str | None, channel: int) -> Any:
    inputs = [device for device in sounddevice.query_devices() if device["max_input_channels"] > 0]
    default = sounddevice.default.device["input"]
    found = next((device for device in inputs if name is None and device["index"] == default), None)
    if found is None:
        full = chosen(name or "default", [device["name"] for device in inputs], "audio inputs")
        found = next(device for device in inputs if device["name"] == full)
    if channel > found["max_input_channels"]:
        has = found["max_input_channels"]
        raise FeedTrouble(f"the audio input {found['name']} has {has} channels, and channel is {channel}")
    return found


def serve(name: str | None, channel: int, out: BinaryIO) -> None:
    """Write blocks to `out` until the input stops or nobody reads them."""
    try:
        capture = Capture(name, channel)
    except FeedTrouble as trouble:
        out.write(json.dumps({"trouble": str(trouble)}).encode() + b"\n")
        return
    out.write(json.dumps({"name": capture.name, "rate": capture.pcm.rate}).encode() + b"\n")
    out.flush()
    write_blocks(capture.block, out)


def write_blocks(next_block: Callable[[], Block | None], out: BinaryIO) -> None:
    """Heads and samples."""
    while (block := next_block()) is not None:
        out.write(HEAD.pack(block.end, len(block.samples), block.gap) + block.samples)
        out.flush()


def main() -> None:
    """Ends without PortAudio's leave: it would abort where its sound server has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which ends this process
    try:
        serve(sys.argv[1] or None, int(sys.argv[2]), sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        pass
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
