"""How late an OSC feed's instants are, and what reading a message costs. With a thread that computes beside it, too.

Each position is the sender's own reading of CLOCK_MONOTONIC just before it sends: what an observation's instant is
later than that is the way through loopback and the kernel.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import trio
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from beatsync.clock import SystemClock
from beatsync.config.feeds.osc import OscModel
from beatsync.core.osc_reading import read_packet
from beatsync.feeds.osc.feed import OscFeed
from tests.feeds.listening import Heard

MESSAGES = 600
SENDER = """
import socket, struct, sys, time
port, count, start = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(count):
    time.sleep(1 / 60)
    out.sendto(b"/position\\0\\0\\0,d\\0\\0" + struct.pack(">d", time.monotonic() - start), ("127.0.0.1", port))
"""


def run() -> None:
    """Print both."""
    _print_costs()
    for name, busy in (("idle", False), ("a thread of ours computing", True)):
        late = sorted(trio.run(partial(_late, busy=busy)))
        p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
        print(f"60 Hz, {name:28} late by p50 {p50:.3f}  p99 {p99:.3f}  max {late[-1]:.3f} ms of {len(late)}")


def _print_costs() -> None:
    builder = OscMessageBuilder("/master/time")
    builder.add_arg(12.5)
    data = builder.build().dgram
    for name, read in (("beatsync", read_packet), ("python-osc", OscPacket)):
        start = perf_counter()
        for _ in range(20_000):
            read(data)
        print(f"reading a message with a float, {name:10} {(perf_counter() - start) / 20_000 * 1e6:.1f} us")


async def _late(*, busy: bool) -> list[float]:
    """By how many ms each observation is later than its position."""
    clock, heard, done = SystemClock(), Heard(), threading.Event()
    start = clock.now() / 1e9
    model = OscModel.model_validate({"port": 9000, "address": "/position", "unit": "s"})
    feed = OscFeed(replace(model.choice(Path()), port=0, host="127.0.0.1"), clock=clock)
    if busy:
        threading.Thread(target=_compute, args=(done,), daemon=True).start()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        while feed.port == 0:
            await trio.lowlevel.checkpoint()
        words = [sys.executable, "-c", SENDER, str(feed.port), str(MESSAGES), repr(start)]
        await trio.run_process(words, stderr=subprocess.DEVNULL)
        await trio.sleep(0.2)
        nursery.cancel_scope.cancel()
    done.set()
    return [
        (one.host / 1e9 - start - one.position / 1e9) * 1e3 for one in heard.observations if one.position is not None
    ]


def _compute(done: threading.Event) -> None:
    while not done.is_set():
        sum(range(100_000))
