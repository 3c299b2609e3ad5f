"""Sends OSC messages at given instants as a Python program does that does not think about it: python-osc's own client,
and each loop's own way to wait. `python naive.py trio|sleep|asyncio < plan`; the plan is as in sender.c.
"""

from __future__ import annotations

import asyncio
import sys
import time

import trio
from pythonosc.udp_client import SimpleUDPClient

PLAN = [tuple(map(int, line.split())) for line in sys.stdin]
CLIENTS = {port: SimpleUDPClient("127.0.0.1", port) for _, port, _ in PLAN}


def send(port: int, number: int) -> None:
    """One message."""
    CLIENTS[port].send_message("/measure", number)


async def with_trio() -> None:
    """trio.sleep_until."""
    offset = trio.current_time() - time.monotonic()
    for at, port, number in PLAN:
        await trio.sleep_until(at / 1e9 + offset)
        send(port, number)


def with_sleep() -> None:
    """time.sleep."""
    for at, port, number in PLAN:
        time.sleep(max(0.0, at / 1e9 - time.monotonic()))
        send(port, number)


async def with_asyncio() -> None:
    """asyncio.sleep, whose clock is time.monotonic."""
    for at, port, number in PLAN:
        await asyncio.sleep(max(0.0, at / 1e9 - time.monotonic()))
        send(port, number)


match sys.argv[1]:
    case "trio":
        trio.run(with_trio)
    case "sleep":
        with_sleep()
    case "asyncio":
        asyncio.run(with_asyncio())
