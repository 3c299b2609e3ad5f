"""Sound from a file or a named pipe.

A file is played by the clock: its samples are captured when they would have been had it been playing since it was
opened. A pipe is played by whoever writes to it: its samples were captured when they arrived.
"""

from __future__ import annotations

import os
import stat
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.ltc import AudioFile, RawPcm
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.audio import Block
from beatsync.feeds.ltc.pcm import MOST_HEADER_BYTES, PcmError, channel_of, frame_bytes, parse_wav

_BLOCKS_A_SECOND: Final = 50
_PIPE_BYTES: Final = 64 * 1024


class Recording:
    """One file or pipe, from its beginning."""

    def __init__(self, file: AudioFile, channel: int, *, clock: Clock) -> None:
        """`channel`: which one to hear, from 1."""
        self._path = file.path
        self._raw = file.raw
        self._channel = channel
        self._clock = clock
        self._descriptor: int | None = None
        self._is_pipe = False
        self._read = b""
        """bytes of the file that are in no block yet"""

    @property
    def name(self) -> str:
        """`the file /tape.wav`"""
        return f"the {'pipe' if self._is_pipe else 'file'} {self._path}"

    async def begin(self) -> int:
        """Open it, and wait for a pipe's writer to say what it writes; samples a second. Raises FeedTrouble."""
        self._descriptor = self._opened()
        pcm = self._raw or await self._header(self._descriptor)
        if self._channel > pcm.channels:
            raise FeedTrouble(f"{self._path} has {pcm.channels} channels, and channel is {self._channel}")
        self._pcm = pcm
        self._samples = 0
        self._begun = self._clock.now()
        return pcm.rate

    async def block(self) -> Block:
        """The next 20 ms of a file, when their time has come; nothing after its end. What has arrived in a pipe.

        Raises FeedTrouble where the writer of a pipe has gone, or the file cannot be read.
        """
        assert self._descriptor is not None
        return await (self._arrived(self._descriptor) if self._is_pipe else self._played(self._descriptor))

    async def close(self) -> None:
        """Let it go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise FeedTrouble(f"cannot open {self._path}: {_reason(error)}; expected a WAV file or a pipe") from None
        mode = os.fstat(descriptor).st_mode
        self._is_pipe = stat.S_ISFIFO(mode)
        if not self._is_pipe and not stat.S_ISREG(mode):
            os.close(descriptor)
            raise FeedTrouble(f"{self._path} is neither a file nor a named pipe")
        return descriptor

    async def _header(self, descriptor: int) -> RawPcm:
        while True:
            more = await self._written(descriptor) if self._is_pipe else self._stored(descriptor, MOST_HEADER_BYTES)
            self._read += more
            try:
                header = parse_wav(self._read)
            except PcmError as error:
                raise FeedTrouble(f"{self._path} {error}") from None
            if header is not None:
                self._read = self._read[header.length :]
                return header.pcm
            if not more:
                raise FeedTrouble(f"{self._path} ends before its samples; write it again with sox")

    async def _played(self, descriptor: int) -> Block:
        wanted = self._pcm.rate // _BLOCKS_A_SECOND * frame_bytes(self._pcm)
        # Reading so little from a disk takes less than handing it to a thread would.
        self._read += self._stored(descriptor, max(0, wanted - len(self._read)))
        samples = self._taken(wanted)
        if not samples:
            await trio.sleep_forever()
        self._samples += len(samples)
        end = HostNs(self._begun + self._samples * NS_PER_SECOND // self._pcm.rate)
        await trio.sleep(max(0, end - self._clock.now()) / NS_PER_SECOND)
        return Block(samples, end)

    async def _arrived(self, descriptor: int) -> Block:
        if len(self._read) < frame_bytes(self._pcm):
            self._read += await self._written(descriptor)
        return Block(self._taken(len(self._read)), self._clock.now())

    def _taken(self, most: int) -> bytes:
        """The channel's samples in the next bytes, at most so many; what is no whole frame stays."""
        size = min(most, len(self._read))
        size -= size % frame_bytes(self._pcm)
        data, self._read = self._read[:size], self._read[size:]
        return channel_of(data, self._pcm, self._channel)

    async def _written(self, descriptor: int) -> bytes:
        """What the writer of a pipe has written, and nobody has read."""
        while True:
            await trio.lowlevel.wait_readable(descriptor)
            try:
                data = os.read(descriptor, _PIPE_BYTES)
            except BlockingIOError:
                continue
            if not data:
                raise FeedTrouble(f"whoever wrote to {self._path} has gone; start it again")
            return data

    def _stored(self, descriptor: int, most: int) -> bytes:
        try:
            return os.read(descriptor, most)
        except OSError as error:
            raise FeedTrouble(f"cannot read {self._path}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
