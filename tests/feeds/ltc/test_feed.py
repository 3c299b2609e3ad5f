"""The feed for linear timecode, from files and pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import SystemClock, TrioClock
from beatsync.config.feeds.ltc import AudioFile, FollowLtc, RawPcm
from beatsync.core.observation import Observation
from beatsync.core.timecode import EBU, SMPTE, frame_number, frame_start, parse_timecode
from beatsync.core.timecode_map import one_track
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc import libltc
from beatsync.feeds.ltc.audio import Block
from beatsync.feeds.ltc.feed import LOST, LtcFeed, SoundReader
from beatsync.feeds.ltc.libltc import LtcDecoder
from beatsync.feeds.ltc.reading import LtcReader
from beatsync.feeds.readings import Reading
from tests.feeds.listening import Heard
from tests.feeds.ltc.tape import RATE, Tape, raw, recorded, wav

START = parse_timecode("01:00:00:00")
TRACKS = one_track(START)
FOR_EVER = 3600.0


def played_at(tape: Tape, begun: int) -> dict[int, int]:
    """Position in the track, at 25 frames, to the instant of it."""
    first = frame_number(START, EBU)
    return {
        frame_start(frame_number(time, EBU) + 1 - first, EBU): begun + end * NS_PER_SECOND // RATE
        for time, end in zip(tape.times, tape.ends, strict=True)
    }


async def listened(settings: FollowLtc, *, seconds: float = FOR_EVER) -> Heard:
    """What is heard for so long, in virtual time."""
    heard = Heard()
    with trio.move_on_after(seconds):
        await LtcFeed(settings, clock=TrioClock()).listen(heard)
    return heard


@pytest.mark.parametrize(
    ("bits", "channels", "channel", "header"),
    [(16, 1, 1, True), (8, 1, 1, True), (24, 2, 2, True), (16, 1, 1, False), (32, 4, 3, False)],
)
async def test_a_file_is_played_by_the_clock(
    autojump_clock: MockClock,
    tmp_path: Path,
    *,
    bits: int,
    channels: int,
    channel: int,
    header: bool,
) -> None:
    tape = recorded(START, EBU, frames=500)
    path = tmp_path / "tape.wav"
    write = wav if header else raw
    path.write_bytes(write(tape.samples, bits=bits, channels=channels, channel=channel))
    form = None if header else RawPcm(RATE, channels, bits)
    settings = FollowLtc(audio=AudioFile(path, form), fps=EBU, channel=channel, tracks=TRACKS)
    begun = TrioClock().now()
    heard = await listened(settings)
    truth = played_at(tape, begun)
    assert len(heard.observations) == 498
    assert all(abs(o.host - truth[o.position or 0]) <= ms(0.1) for o in heard.observations)
    assert heard.sources == [f"LTC from the file {path}"]


async def test_a_file_at_its_end_is_silent_and_not_started_again(autojump_clock: MockClock, tmp_path: Path) -> None:
    path = tmp_path / "tape.wav"
    path.write_bytes(wav(recorded(START, EBU, frames=50).samples))
    heard = await listened(FollowLtc(audio=AudioFile(path), fps=EBU))
    assert len(heard.observations) == 48


async def test_a_file_is_heard_as_it_plays_and_not_all_at_once(autojump_clock: MockClock, tmp_path: Path) -> None:
    path = tmp_path / "tape.wav"
    path.write_bytes(wav(recorded(START, EBU, frames=500).samples))
    heard = await listened(FollowLtc(audio=AudioFile(path), fps=EBU), seconds=10)
    assert len(heard.observations) == 248


@asynccontextmanager
async def listening(settings: FollowLtc) -> AsyncIterator[Heard]:
    heard = Heard()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(LtcFeed(settings, clock=SystemClock()).listen, heard)
        yield heard
        nursery.cancel_scope.cancel()


async def test_a_pipe_is_played_by_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    os.mkfifo(path)
    data = wav(recorded(START, EBU, frames=60).samples, bits=16)
    async with listening(FollowLtc(audio=AudioFile(path), fps=EBU, tracks=TRACKS)) as heard:
        before = SystemClock().now()
        writer = await trio.to_thread.run_sync(partial(os.open, path, os.O_WRONLY))
        await trio.to_thread.run_sync(written_in_pieces, writer, data)
        observations = await heard.wait_for(58)
        after = SystemClock().now()
        os.close(writer)
    assert [o.position for o in observations] == [ms(40) * frame for frame in range(2, 60)]
    assert all(before - ms(3000) <= o.host <= after for o in observations)
    assert heard.sources == [f"LTC from the pipe {path}"]


def written_in_pieces(pipe: int, data: bytes) -> None:
    """In odd sizes: no piece ends with a sample."""
    for start in range(0, len(data), 7_777):
        os.write(pipe, data[start : start + 7_777])


def written_and_gone(path: Path, data: bytes) -> None:
    pipe = os.open(path, os.O_WRONLY)
    written_in_pieces(pipe, data)
    os.close(pipe)


async def test_a_writer_that_goes_is_trouble_and_the_next_one_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    os.mkfifo(path)
    feed = LtcFeed(FollowLtc(audio=AudioFile(path), fps=EBU), clock=SystemClock())
    data = wav(recorded(START, EBU, frames=9).samples)
    for _ in range(2):
        heard = Heard()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, written_and_gone, path, data)
            with pytest.raises(FeedTrouble, match="tape has gone; start it again"):
                await feed.listen(heard)
        assert len(heard.observations) == 7


@pytest.mark.parametrize(
    ("content", "raw_pcm", "channel", "trouble"),
    [
        (None, None, 1, "tape: no such file or directory; expected a WAV file or a pipe"),
        (b"ID3\x04 and a song", None, 1, "tape is no WAV file; convert it with sox"),
        (b"RIFF", None, 1, "tape ends before its samples"),
        (wav(b"\x80" * 100), None, 2, "tape has 1 channels, and channel is 2"),
        (b"", RawPcm(RATE, 2), 3, "tape has 2 channels, and channel is 3"),
    ],
)
async def test_a_file_that_cannot_be_used_is_trouble_with_the_remedy(
    tmp_path: Path, content: bytes | None, raw_pcm: RawPcm | None, channel: int, trouble: str
) -> None:
    path = tmp_path / "tape"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FeedTrouble, match=trouble):
        await listened(FollowLtc(audio=AudioFile(path, raw_pcm), fps=EBU, channel=channel))


async def test_a_folder_is_no_tape(tmp_path: Path) -> None:
    with pytest.raises(FeedTrouble, match="is neither a file nor a named pipe"):
        await listened(FollowLtc(audio=AudioFile(tmp_path), fps=EBU))


async def test_a_song_instead_of_timecode_says_nothing(autojump_clock: MockClock, tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    square = (bytes([60]) * 30 + bytes([200]) * 50) * 6_000
    path.write_bytes(wav(square))
    heard = await listened(FollowLtc(audio=AudioFile(path), fps=SMPTE))
    assert heard.observations == []


def test_without_libltc_the_trouble_says_how_to_get_it() -> None:
    probe = """
import ctypes
def missing(name):
    raise OSError(name)
ctypes.CDLL = missing
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.libltc import load_library
try:
    load_library()
except FeedTrouble as trouble:
    print(trouble)
"""
    shown = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == libltc.MISSING


async def test_a_pause_in_the_file_is_silence_and_then_a_jump(autojump_clock: MockClock, tmp_path: Path) -> None:
    """The tape stands for a second, and goes on where it stood."""
    path = tmp_path / "tape.wav"
    first = recorded(START, EBU, frames=50)
    second = recorded(parse_timecode("01:00:02:00"), EBU, frames=50)
    path.write_bytes(wav(first.samples + b"\x80" * RATE + second.samples))
    begun = TrioClock().now()
    heard = await listened(FollowLtc(audio=AudioFile(path), fps=EBU, tracks=TRACKS))
    (jump,) = [o for o in heard.observations if o.jump]
    assert isinstance(jump, Observation)
    assert jump.position == TrackNs(ms(2040))
    assert jump.host - begun == ms(3040)
    assert jump.playing is None


@pytest.mark.parametrize(("resumes", "jumps"), [(3.0, 0), (2.0, 1)])
def test_a_tape_that_ran_on_while_sound_was_lost_has_not_jumped_and_one_that_stood_has(
    resumes: float, jumps: int
) -> None:
    """A second is lost after two: what comes then is a second later, or goes on where it was."""
    tape = recorded(START, EBU, frames=200)
    settings = FollowLtc(audio=AudioFile(Path("tape")), fps=EBU, tracks=TRACKS)
    readings: list[Reading] = []
    with LtcDecoder(EBU, RATE) as decoder:
        sound = SoundReader(decoder, LtcReader(settings, RATE), RATE)
        for start, end, gap in ((0.0, 2.0, False), (resumes, resumes + 2.0, True)):
            samples = tape.samples[round(start * RATE) : round(end * RATE)]
            readings += sound.read(Block(samples, HostNs(round((3.0 if gap else 0.0) * NS_PER_SECOND) + ms(2000)), gap))
    observations = [reading for reading in readings if isinstance(reading, Observation)]
    assert readings.count(LOST) == 1
    assert len(observations) > 90
    assert [observation.jump for observation in observations].count(True) == jumps
