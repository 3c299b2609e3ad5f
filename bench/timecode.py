"""How well timecode is read. LTC: how far each reading is from the truth, what noise and drop-outs cost, and what
decoding takes; Art-Net and MIDI: what a packet or message takes.

The tapes are recorded by libltc's own encoder, which rounds each half bit to a whole sample too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from statistics import linear_regression
from time import perf_counter

import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.ltc import AudioInput, FollowLtc
from beatsync.config.feeds.midi import VirtualPort
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.core.observation import Observation
from beatsync.core.timecode import (
    DROP_FRAME,
    EBU,
    FILM,
    NON_DROP,
    SMPTE,
    FrameRate,
    frame_number,
    frame_start,
    parse_timecode,
)
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import HostNs
from beatsync.feeds.artnet.feed import ArtnetReader
from beatsync.feeds.datagrams import Datagram
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.feed import LtcFeed
from beatsync.feeds.ltc.libltc import LtcDecoder
from beatsync.feeds.ltc.reading import LtcReader
from beatsync.feeds.midi.time_code import TimeCodeReader
from tests.feeds.artnet.packets import ART_DMX, art_timecode
from tests.feeds.jack import jack_server, mpv_playing
from tests.feeds.listening import Heard
from tests.feeds.ltc.tape import RATE, Tape, recorded, wav, with_drop_outs, with_noise
from tests.feeds.midi import messages as midi

START = parse_timecode("00:59:30:00")
SECONDS = 60
BLOCK = RATE // 100


@dataclass(frozen=True)
class Result:
    """What was read of one tape. `off`: samples from the truth, without sign; `wrong`: times that were never there."""

    frames: int
    off: list[int]
    wrong: int
    speed: float
    microseconds: float


def read(tape: Tape, rate: FrameRate) -> Result:
    """Decode and read it, in blocks as a sound card makes them."""
    fps = NON_DROP if rate == DROP_FRAME else rate
    reader = LtcReader(FollowLtc(audio=AudioInput(None), fps=fps), RATE)
    said: list[Observation] = []
    start = perf_counter()
    with LtcDecoder(fps, RATE) as decoder:
        for offset in range(0, len(tape.samples), BLOCK):
            for frame in decoder.decode(tape.samples[offset : offset + BLOCK]):
                said += [r for r in reader.read(frame, HostNs(frame.end)) if isinstance(r, Observation)]
    took = perf_counter() - start
    ends = zip(tape.times, tape.ends, strict=True)
    truth = {frame_start(frame_number(time, rate) + 1, rate): end for time, end in ends}
    off = [abs(o.host - truth[o.position]) for o in said if o.position in truth]
    told = [o.rate for o in said if o.rate is not None]
    return Result(
        frames=len(tape.times),
        off=sorted(off),
        wrong=len(said) - len(off),
        speed=(told[-1] if told else NORMAL_RATE) / NORMAL_RATE,
        microseconds=took / (len(tape.samples) / RATE) * 1e6,
    )


def tapes() -> list[tuple[str, FrameRate, Tape]]:
    """A minute of each kind."""
    made: list[tuple[str, FrameRate, Tape]] = []
    for rate in (FILM, EBU, DROP_FRAME, SMPTE):
        frames = SECONDS * rate.frames // rate.seconds
        made += [
            (
                f"{rate.name}{f' at {speed:.0%}' if speed != 1 else ''}",
                rate,
                recorded(START, rate, frames=frames, speed=speed),
            )
            for speed in (1.0, 1.04, 0.96)
        ]
    clean = made[3][2]
    damages: list[tuple[str, Callable[[Tape], Tape]]] = [
        ("25, 40 drop-outs of up to 200 ms", lambda tape: with_drop_outs(tape, count=40, longest=0.2, seed=1)),
        ("25, noise 15 dB below", lambda tape: with_noise(tape, deviation=16, seed=1)),
        ("25, noise 10 dB below", lambda tape: with_noise(tape, deviation=28, seed=1)),
        (
            "25, both",
            lambda tape: with_noise(with_drop_outs(tape, count=40, longest=0.2, seed=1), deviation=28, seed=1),
        ),
    ]
    return made + [(name, EBU, damage(clean)) for name, damage in damages]


def run() -> None:
    """Print the table."""
    print(f"a minute each at {RATE} samples a second; a sample is {1e6 / RATE:.1f} us")
    print(f"{'tape':<34} {'read':>11} {'wrong':>5} {'p50':>4} {'p99':>4} {'max':>4} {'speed told':>11} {'cost/s':>9}")
    for name, rate, tape in tapes():
        result = read(tape, rate)
        p50, p99 = (result.off[len(result.off) * part // 100] for part in (50, 99))
        counted = f"{len(result.off)}/{result.frames}"
        print(
            f"{name:<34} {counted:>11} {result.wrong:>5} {p50:>4} {p99:>4} {result.off[-1]:>4} "
            f"{result.speed:>11.5f} {result.microseconds:>6.0f} us"
        )
    packets()
    if shutil.which("jackd") and shutil.which("mpv"):
        with tempfile.TemporaryDirectory() as folder:
            captured(Path(folder))


def packets() -> None:
    """What one packet or message takes, the ones that are ignored too."""
    art, mtc = ArtnetReader(FollowArtnet()), TimeCodeReader(FollowMtc(port=VirtualPort("beatsync")))
    desk = ip_address("10.0.0.9")
    datagrams = {
        "Art-Net timecode": Datagram(art_timecode("01:00:00:00", EBU), desk, 6454, HostNs(0)),
        "Art-Net DMX, ignored": Datagram(ART_DMX, desk, 6454, HostNs(0)),
    }
    for name, datagram in datagrams.items():
        print(f"{name}: {timed(partial(art.read, datagram)):.1f} us")
    messages = [(message, HostNs(at)) for message, at in midi.tape(START, EBU, codes=100)]
    print(f"MIDI quarter frame: {timed(lambda: [mtc.read(*message) for message in messages]) / len(messages):.1f} us")


def timed(call: Callable[[], object]) -> float:
    """The fastest of five rounds, in microseconds a call."""
    rounds = []
    for _ in range(5):
        start = perf_counter()
        for _ in range(200):
            call()
        rounds.append((perf_counter() - start) / 200 * 1e6)
    return min(rounds)


def captured(folder: Path) -> None:
    """The whole way: mpv plays into JACK, PortAudio captures, libltc decodes; how the readings lie about a line."""
    tape = folder / "tape.wav"
    tape.write_bytes(wav(recorded(START, EBU, frames=4500).samples, bits=16))
    with jack_server(os.environ.__setitem__), mpv_playing(tape, "tape"):
        observations = trio.run(listened)
    instants = [(o.host - observations[0].host) / 1e6 for o in observations]
    positions = [((o.position or 0) - (observations[0].position or 0)) / 1e6 for o in observations]
    slope, offset = linear_regression(positions, instants)
    off = sorted(
        abs(instant - slope * position - offset) for instant, position in zip(instants, positions, strict=True)
    )
    p50, p99 = (off[len(off) * part // 100] for part in (50, 99))
    print(f"through JACK (1024 samples, no hardware), {len(off)} readings about a straight line: ", end="")
    print(f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {off[-1]:.2f} ms")


async def listened() -> list[Observation]:
    """Half a minute of it; the first second is left out."""
    heard = Heard()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(followed, heard)
        await heard.wait_for(25)
        await trio.sleep(30)
        nursery.cancel_scope.cancel()
    return heard.observations[25:]


async def followed(heard: Heard) -> None:
    """Started again until mpv has its port."""
    feed = LtcFeed(FollowLtc(audio=AudioInput("tape"), fps=EBU), clock=SystemClock())
    while True:
        try:
            await feed.listen(heard)
        except FeedTrouble:
            await trio.sleep(0.1)
