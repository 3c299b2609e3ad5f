"""Sound from an audio input, through sounddevice and PortAudio. Their exceptions end here."""

from __future__ import annotations

import importlib
import threading
from collections import deque
from dataclasses import replace
from typing import Any, Final

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.ltc import AudioInput, RawPcm
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.feeds.choosing import chosen
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.handover import Handover
from beatsync.feeds.ltc.audio import Block
from beatsync.feeds.ltc.pcm import channel_of

MISSING: Final = "an audio input needs sounddevice, which is not installed; pip install 'beatsync[audio]'"
NO_PORTAUDIO: Final = "an audio input needs PortAudio, which is not installed; apt-get install libportaudio2"

WATCH_SECONDS: Final = 1.0
"""An input that hears nothing still makes samples; one that makes none for so long has stopped."""

_MOST_WAITING: Final = 256
_LONGEST_SECONDS: Final = 1.0
"""A capture that is said to lie further back, or in the future, is none: some drivers say nothing, others anything."""

_opening: Final = threading.Lock()
_open_streams: Final[set[int]] = set()
"""PortAudio is one for the whole process, and sees what is plugged in only while it is initialised anew."""


class Card:
    """One input. Made in the task that listens."""

    def __init__(self, choice: AudioInput, channel: int, *, clock: Clock) -> None:
        """`channel`: which one to hear, from 1."""
        self._choice = choice
        self._channel = channel
        self._clock = clock
        self._handover: Handover[Block] = Handover(_MOST_WAITING)
        self._waiting: deque[Block] = deque()
        self._stream: Any = None
        self._name = choice.name or "default"

    @property
    def name(self) -> str:
        """`the audio input USB Audio: - (hw:1,0)`"""
        return f"the audio input {self._name}"

    async def begin(self) -> int:
        """Open it; samples a second. Raises FeedTrouble."""
        return await trio.to_thread.run_sync(self._open)

    async def block(self) -> Block:
        """The next samples. Raises FeedTrouble where the input has stopped."""
        if not self._waiting:
            lost = 0
            with trio.move_on_after(WATCH_SECONDS):
                blocks, lost = await self._handover.receive()
                self._waiting.extend(blocks)
            if not self._waiting:
                raise FeedTrouble(f"{self.name} has stopped; is it still plugged in?")
            if lost:
                self._waiting[0] = replace(self._waiting[0], gap=True)
        return self._waiting.popleft()

    def close(self) -> None:
        """Hear nothing more."""
        if self._stream is not None:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            _open_streams.discard(id(self))

    def _open(self) -> int:
        with _opening:
            sounddevice = _sounddevice()
            if not _open_streams:
                sounddevice._terminate()  # noqa: SLF001  there is no other way to see what was plugged in meanwhile
                sounddevice._initialize()  # noqa: SLF001
            device = self._device(sounddevice)
            rate = int(device["default_samplerate"])
            try:
                self._stream = sounddevice.RawInputStream(
                    samplerate=rate,
                    device=device["index"],
                    channels=self._channel,
                    dtype="int16",
                    latency="low",
                    callback=self._hear,
                )
                self._stream.start()
            except sounddevice.PortAudioError as error:
                raise FeedTrouble(f"cannot open {self.name}: {str(error.args[0]).lower()}") from None
            _open_streams.add(id(self))
            return rate

    def _device(self, sounddevice: Any) -> Any:
        inputs = [device for device in sounddevice.query_devices() if device["max_input_channels"] > 0]
        index = sounddevice.default.device["input"]
        if self._choice.name is not None or index not in {device["index"] for device in inputs}:
            self._name = chosen(self._name, [device["name"] for device in inputs], "audio inputs")
            index = next(device["index"] for device in inputs if device["name"] == self._name)
        device = next(device for device in inputs if device["index"] == index)
        self._name = device["name"]
        if self._channel > device["max_input_channels"]:
            channels = device["max_input_channels"]
            raise FeedTrouble(f"{self.name} has {channels} channels, and channel is {self._channel}")
        return device

    def _hear(self, data: Any, frames: int, time: Any, status: Any) -> None:
        """Called by PortAudio, in a thread of its own; `time` is on a clock of its own."""
        now = self._clock.now()
        rate = int(self._stream.samplerate)
        since_first = self._stream.time - time.inputBufferAdcTime
        samples = channel_of(bytes(data), RawPcm(rate, self._channel), self._channel)
        end = captured_by(now, since_first=since_first, seconds=frames / rate)
        self._handover.put(Block(samples, end, gap=bool(status.input_overflow)))


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
