"""How long it takes from a seek's arrival in the daemon to the new deadline's being armed in the conductor.

A real daemon is told to jump to positions at which a cue is due, each with a number of its own; the kernel stamps the
cue as it leaves. From the jump's being sent to that is more than what is asked for: the daemon's reading, the way to
the conductor, its alarm, and the sending. Adjustments make no cue: of them the daemon's link says how long it took from
its telling the conductor to the alarm's being set.
"""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from beatsync.clock import SystemClock
from beatsync.conductor.actions import Adjust, Load, Seek
from beatsync.core.engine import MAIN_DECK
from beatsync.core.osc import Tag, encode
from beatsync.core.schedule import schedule_of
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_MS, HostNs, TrackNs, ms
from beatsync.measuring.figures import Figures, figures_of
from beatsync.measuring.receiver import Receivers
from beatsync.measuring.rehearsal import rehearsing
from bench.costs import running

JUMPS = 500
BAR_SECONDS = 0.5
PAUSE_SECONDS = (0.008, 0.03)
SHOW = """track: {file: track.json}
clock: %s
targets: {lights: {url: osc.udp://127.0.0.1:%d, max_rate: 2000}}
rules: [{on: downbeat, send: {address: /bar, args: [bar]}}]
"""


@dataclass(frozen=True)
class Reactions:
    """Milliseconds: jumps by the control socket and by OSC, up to the cue; adjustments up to the alarm."""

    by_command: Figures
    by_feed: Figures
    adjustments: tuple[float, float, float]

    def record(self) -> dict[str, object]:
        """For the results' file."""
        p50, p99, most = self.adjustments
        return {
            "by command": self.by_command.record(),
            "by feed": self.by_feed.record(),
            "adjustments": {"p50": round(p50, 4), "p99": round(p99, 4), "max": round(most, 4)},
        }


def track() -> str:
    """So many short bars, each with a downbeat and nothing else."""
    times = [BAR_SECONDS * bar for bar in range(JUMPS + 3)]
    end = times[-1] + BAR_SECONDS
    sections = [{"start": 0, "end": end, "label": "Drop", "energy": 4}]
    grid = {"times": times, "downbeats": times}
    document = {"asset_id": "1", "duration": end, "bpm": 120, "beat_grid": grid, "sections": sections, "phrases": []}
    return json.dumps(document)


def measured(clock_text: str, connect: Callable[[Path], Callable[[float], None]]) -> Figures:
    """Have a daemon jump to one bar after another, in no order; returns how long after each jump its cue left."""
    clock = SystemClock()
    told: dict[int, HostNs] = {}
    with TemporaryDirectory(prefix="beatsync-") as name, Receivers(1, clock=clock) as receivers:
        folder = Path(name)
        (folder / "track.json").write_text(track())
        config = folder / "show.yaml"
        config.write_text(SHOW % (clock_text, receivers.ports[0]))
        with running(config, folder):
            jump = connect(folder)
            chance = random.Random(1)
            bars = list(range(3, JUMPS + 3))
            chance.shuffle(bars)
            jump(0.1)
            time.sleep(0.2)
            for bar in bars:
                told[bar] = clock.now()
                jump(BAR_SECONDS * (bar - 1))
                time.sleep(chance.uniform(*PAUSE_SECONDS))
        first: dict[int, HostNs] = {}
        for bar, at in receivers.left[0]:
            if at > told.get(bar, at):
                first.setdefault(bar, at)
    return figures_of(told, first.items())


def by_command(folder: Path) -> Callable[[float], None]:
    """Jumps as the command line makes them, over a connection that is open."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(folder / "control.sock"))

    def jump(position: float) -> None:
        body = json.dumps({"position": position}).encode()
        head = "POST /v1/seek HTTP/1.1\r\nHost: beatsync\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(65536)

    return jump


def by_feed(port: int, _folder: Path) -> Callable[[float], None]:
    """Jumps as a player says them."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", port))

    def jump(position: float) -> None:
        sender.send(encode("/seek", ((Tag.FLOAT, position),)))

    return jump


async def adjustments(count: int = 1000) -> tuple[float, float, float]:
    """p50, p99 and the worst, in milliseconds, of adjustments while a deck plays."""
    clock = SystemClock()
    async with rehearsing(1) as rehearsal:
        conductor = rehearsal.conductor
        conductor.do(Load(MAIN_DECK, schedule_of(rehearsal.cues(range(0, 60_000, 20)))))
        conductor.do(Seek(MAIN_DECK, Transport(clock.now(), TrackNs(0))))
        await conductor.wait_drained()
        transport = conductor.transport(MAIN_DECK)
        assert transport is not None
        for number in range(count):
            track_ns = TrackNs(transport.track + ms(number % 3 - 1))
            conductor.do(Adjust(MAIN_DECK, Transport(transport.host, track_ns, transport.rate)))
            await trio.sleep(0.007)
        await conductor.wait_drained()
        rearmed = conductor.snapshot().rearmed
    return tuple(ns / NS_PER_MS for ns in (rearmed.percentile(50), rearmed.percentile(99), rearmed.max))  # type: ignore[return-value]


def measure() -> Reactions:
    """All of it, printed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    feed = f"{{feed: {{osc: {{preset: position, host: 127.0.0.1, port: {port}}}}}}}"
    found = Reactions(
        measured("{start: now}", by_command), measured(feed, partial(by_feed, port)), trio.run(adjustments)
    )
    for what, its in (("seek by command", found.by_command), ("jump told by a feed", found.by_feed)):
        figures = f"p50 {its.percentile(50):.2f} ms, p99 {its.percentile(99):.2f} ms, max {its.worst:.2f} ms"
        print(f"{what}, to the cue that it makes due: {figures}; {its.missing} of {its.due} without a cue")
    p50, p99, most = found.adjustments
    print(
        f"adjustments, from telling to the alarm's being set: p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {most:.2f} ms",
        flush=True,
    )
    return found


def run() -> None:
    """Measure and print."""
    measure()
