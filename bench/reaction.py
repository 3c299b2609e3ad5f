"""How long it takes from a seek's arrival in the daemon to the new deadline's being armed in the conductor.

A real daemon is told to jump to positions at which a cue is due, or, by the feeds of eight decks, that playback pauses
and a look has to end. The kernel stamps the cue as it leaves. That is more than what is asked for: the daemon's
reading, the way to the conductor, its alarm, and the sending. Adjustments make no cue: of them the daemon's link says
how long it took from telling the conductor to the alarm's being set.
"""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
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
from bench.results import keep, load_now

JUMPS = 500
BAR_SECONDS = 0.5
PAUSE_SECONDS = (0.008, 0.03)
TICK_SECONDS, TICKS_APART, TICKS_PAUSED, TURNS = 0.01, 5, 8, 40
BY_COMMAND = """track: {file: track.json}
clock: {start: now}
targets: {lights: {url: osc.udp://127.0.0.1:%d, max_rate: 2000}}
rules: [{on: downbeat, send: {address: /bar, args: [bar]}}]
"""
BY_FEEDS = """targets: {lights: {url: osc.udp://127.0.0.1:%d, max_rate: 2000}}
rules: [{on: section, paused: end, send: {address: /look, args: [0], end: {args: [1]}}}]
decks:
"""
DECK = "  d{0}: {{track: {{file: track.json}}, off_air: {{prefix: /{0}}}, clock: {{feed: {1}}}}}\n"
FEED = "{{osc: {{preset: position, host: 127.0.0.1, port: {0}}}}}"


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
    """So many short bars, each with a downbeat and nothing else, in one section."""
    times = [BAR_SECONDS * bar for bar in range(JUMPS + 1)]
    end = times[-1] + BAR_SECONDS
    sections = [{"start": 0, "end": end, "label": "Drop", "energy": 4}]
    grid = {"times": times, "downbeats": times}
    document = {"asset_id": "1", "duration": end, "bpm": 120, "beat_grid": grid, "sections": sections, "phrases": []}
    return json.dumps(document)


def measured(show: str, telling: Callable[[Path, Callable[[], None]], None]) -> Figures:
    """Have a daemon told things again and again; returns how long after each of them the next cue left."""
    clock = SystemClock()
    told: list[HostNs] = []
    with TemporaryDirectory(prefix="beatsync-") as name, Receivers(1, clock=clock) as receivers:
        folder = Path(name)
        (folder / "track.json").write_text(track())
        config = folder / "show.yaml"
        config.write_text(show % receivers.ports[0])
        with running(config, folder):
            telling(folder, lambda: told.append(clock.now()))
        cues = sorted(at for number, at in receivers.left[0] if number)
    after = [(number, next((at for at in cues if at >= jump), None)) for number, jump in enumerate(told)]
    ends = [*told[1:], HostNs(told[-1] + ms(500))]
    return figures_of(dict(enumerate(told)), [(number, at) for number, at in after if at and at < ends[number]])


def by_command(folder: Path, told: Callable[[], None]) -> None:
    """From one bar to another, in no order, as the command line says it, over a connection that is open."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(folder / "control.sock"))
    chance = random.Random(1)
    bars = list(range(JUMPS))
    chance.shuffle(bars)
    for bar in bars:
        body = json.dumps({"position": BAR_SECONDS * bar}).encode()
        head = "POST /v1/seek HTTP/1.1\r\nHost: beatsync\r\nContent-Type: application/json\r\n"
        told()
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(65536)
        time.sleep(chance.uniform(*PAUSE_SECONDS))


def by_feeds(ports: Sequence[int], _folder: Path, told: Callable[[], None]) -> None:
    """Eight players, each playing and pausing in turn, out of step with each other: their pauses are what is told."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ticks = len(ports) * TICKS_APART
    for tick in range(TURNS * ticks):
        for index, port in enumerate(ports):
            place = tick - index * TICKS_APART
            turn, at = divmod(place, ticks)
            if place < 0 or at > ticks - TICKS_PAUSED:
                continue
            position = 1.0 + (turn * (ticks - TICKS_PAUSED) + at) * TICK_SECONDS
            if at == ticks - TICKS_PAUSED:
                told()
                sender.sendto(encode("/playing", ((Tag.INT, 0),)), ("127.0.0.1", port))
                continue
            if at == 0:
                sender.sendto(encode("/playing", ((Tag.INT, 1),)), ("127.0.0.1", port))
            sender.sendto(encode("/position", ((Tag.FLOAT, position),)), ("127.0.0.1", port))
        time.sleep(TICK_SECONDS)


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


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at the moment."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def measure() -> Reactions:
    """All of it, printed."""
    ports = free_ports(8)
    decks = "".join(DECK.format(number, FEED.format(port)) for number, port in enumerate(ports))
    found = Reactions(
        measured(BY_COMMAND, by_command), measured(BY_FEEDS + decks, partial(by_feeds, ports)), trio.run(adjustments)
    )
    for what, its in (("seek by command", found.by_command), ("pause told by a feed", found.by_feed)):
        figures = f"p50 {its.percentile(50):.2f} ms, p99 {its.percentile(99):.2f} ms, max {its.worst:.2f} ms"
        print(f"{what}, to the cue that it makes due: {figures}; {its.missing} of {its.due} without a cue")
    p50, p99, most = found.adjustments
    print(
        f"adjustments, from telling to the alarm's being set: p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {most:.2f} ms",
        flush=True,
    )
    return found


def run() -> None:
    """Into the page."""
    load = load_now()
    keep("reaction", measure().record(), load)
