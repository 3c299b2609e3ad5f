"""The feed for linear timecode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Never, assert_never

from beatsync.clock import Clock
from beatsync.config.feeds.ltc import AudioFile, AudioInput, FollowLtc
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.units import NS_PER_SECOND, HostNs, ms
from beatsync.feeds.feed import Listener
from beatsync.feeds.ltc.audio import Audio, Block
from beatsync.feeds.ltc.card import Card
from beatsync.feeds.ltc.libltc import LtcDecoder, load_library
from beatsync.feeds.ltc.reading import LtcReader
from beatsync.feeds.ltc.recording import Recording
from beatsync.feeds.readings import Ignored, Reading, tell

LOST: Final = Ignored("sound that was lost before it could be read")


class SoundReader:
    """Blocks of sound to readings."""

    def __init__(self, decoder: LtcDecoder, reader: LtcReader, rate: int) -> None:
        """`rate`: samples a second."""
        self._decoder = decoder
        self._reader = reader
        self._rate = rate
        self._end: HostNs | None = None

    def read(self, block: Block) -> Iterator[Reading]:
        """What the frames that end in `block` say."""
        if block.gap:
            self._reader.forget()
            self._skip(block)
            yield LOST
        self._end = block.end
        last = self._decoder.samples + len(block.samples)
        for frame in self._decoder.decode(block.samples):
            captured = HostNs(block.end - (last - frame.end) * NS_PER_SECOND // self._rate)
            yield from self._reader.read(frame, captured)

    def _skip(self, block: Block) -> None:
        """Count what was lost by the clock, so that a tape that ran on meanwhile has not jumped."""
        if self._end is not None:
            passed = (block.end - self._end) * self._rate // NS_PER_SECOND
            self._decoder.skip(max(0, passed - len(block.samples)))


class LtcFeed:
    """LTC on one channel of an audio input, a file or a pipe. It says nothing while the tape stands."""

    def __init__(self, settings: FollowLtc, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def name(self) -> str:
        """`ltc from USB Audio`"""
        match self._settings.audio:
            case AudioInput(name):
                return f"ltc from {name or 'the default audio input'}"
            case AudioFile(path):
                return f"ltc from {path}"
            case _ as never:
                assert_never(never)

    @property
    def character(self) -> Character:
        """A reading each frame, exact to some samples, at any speed that the tape runs at."""
        return Character(accuracy=Accuracy.A, interval=ms(40), rate=RateKnowledge.REPORTED)

    async def listen(self, listener: Listener) -> Never:
        """Hear the sound until cancelled. Raises FeedTrouble where there is none, or libltc is missing."""
        load_library()
        audio = self._audio()
        try:
            rate = await audio.begin()
            listener.connected(f"LTC from {audio.name}")
            with LtcDecoder(self._settings.fps, rate) as decoder:
                sound = SoundReader(decoder, LtcReader(self._settings, rate), rate)
                while True:
                    tell(listener, sound.read(await audio.block()))
        finally:
            await audio.close()

    def _audio(self) -> Audio:
        choice = self._settings.audio
        if isinstance(choice, AudioInput):
            return Card(choice, self._settings.channel)
        return Recording(choice, self._settings.channel, clock=self._clock)
