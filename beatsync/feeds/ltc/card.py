"""Sound from an audio input, through a process that captures it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

import trio

from beatsync.config.feeds.ltc import AudioInput
from beatsync.core.units import HostNs
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.audio import Block
from beatsync.feeds.ltc.capture import HEAD

_MODULE: Final = "beatsync.feeds.ltc.capture"


class Card:
    """One input."""

    def __init__(self, choice: AudioInput, channel: int) -> None:
        """`channel`: which one to hear, from 1."""
        self._choice = choice
        self._channel = channel
        self._name = choice.name or "default"
        self._process: trio.Process | None = None
        self._read = b""
        """bytes that belong to no block yet"""

    @property
    def name(self) -> str:
        """`the audio input USB Audio: - (hw:1,0)`"""
        return f"the audio input {self._name}"

    async def begin(self) -> int:
        """Open it; samples a second. Raises FeedTrouble."""
        try:
            self._process = await trio.lowlevel.open_process(
                [sys.executable, "-m", _MODULE, self._choice.name or "", str(self._channel)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # ALSA and JACK say there what they looked for and did not find
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise FeedTrouble(f"cannot start the process that captures {self.name}: {reason}") from None
        while b"\n" not in self._read:
            await self._more()
        line, _, self._read = self._read.partition(b"\n")
        said = json.loads(line)
        if "trouble" in said:
            raise FeedTrouble(said["trouble"])
        self._name = said["name"]
        return int(said["rate"])

    async def block(self) -> Block:
        """The next samples. Raises FeedTrouble where the input has stopped."""
        end, size, gap = HEAD.unpack(await self._exactly(HEAD.size))
        return Block(await self._exactly(size), HostNs(end), gap=gap)

    async def close(self) -> None:
        """Hear nothing more; the process is gone then."""
        if self._process is not None:
            self._process.kill()
            with trio.CancelScope(shield=True):
                await self._process.wait()
                assert self._process.stdout is not None
                await self._process.stdout.aclose()

    async def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            await self._more()
        data, self._read = self._read[:size], self._read[size:]
        return data

    async def _more(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        more = await self._process.stdout.receive_some()
        if not more:
            raise FeedTrouble(f"{self.name} has stopped; is it still plugged in?")
        self._read += more
