"""The API served: on a Unix socket that only the daemon's user can open, and on a TCP port where that is configured."""

from __future__ import annotations

import socket
import string
from collections.abc import Callable
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.control.app import control_app
from beatsync.control.board import Board
from beatsync.control.console import Console
from beatsync.control.entrances import Entrances
from beatsync.control.guard import Guard
from beatsync.control.osc.port import OscPort
from beatsync.control.records import written
from beatsync.control.refusing import plain_error
from beatsync.control.replays import Replays
from beatsync.control.ring import Ring
from beatsync.control.watching import watch_health, watch_sections
from beatsync.core.units import NS_PER_SECOND
from beatsync.decks.desk import Desk
from beatsync.decks.foresight import Foresight
from beatsync.decks.news import Tell
from beatsync.web.serving import serve_few

KEEP_UP_SECONDS: Final = 1.0

_LETTERS: Final = string.digits + string.ascii_lowercase


async def serve_commands(
    desk: Desk,
    entrances: Entrances,
    *,
    ring: Ring,
    foresight: Foresight,
    tell: Tell,
    leave: Callable[[], None],
    task_status: trio.TaskStatus[object] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Take commands at every entrance until cancelled. `leave` ends the show and the daemon, after an answer."""
    clock = desk.ensemble.clock
    console = Console(desk, run=_run_name(clock), tell=tell)
    board = Board(console=console, foresight=foresight, ring=ring, clock=clock, tell=tell, leave=leave)
    async with trio.open_nursery() as nursery:
        app = control_app(board, Replays(nursery))
        nursery.start_soon(watch_sections, desk.ensemble, ring)
        nursery.start_soon(watch_health, desk.ensemble, ring)
        nursery.start_soon(_keep_up, foresight, clock)
        if entrances.osc is not None:
            nursery.start_soon(OscPort(entrances.osc, console, tell, clock, board.refused).run)
        for entrance in entrances.http:
            nursery.start_soon(_serve_one, Guard(app, entrance.door, clock, board.refused), entrance.listening)
        task_status.started()


async def _keep_up(foresight: Foresight, clock: Clock) -> Never:
    """Play along in small steps: after an hour in which nobody asked, one large one would hold everything up."""
    while True:
        foresight.advance(clock.now())
        await trio.sleep(KEEP_UP_SECONDS)


def _run_name(clock: Clock) -> str:
    """What tells this run of the daemon from others: the second in which it began, in few letters."""
    number, letters = clock.wall() // NS_PER_SECOND, ""
    while number > 0:
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters


async def _serve_one(guard: Guard, listening: socket.socket) -> None:
    def count(reason: str) -> None:
        guard.refused[reason] += 1

    sorry = written(plain_error(503, "too many clients at once; close some of them, and try again"))
    await serve_few(guard, listening, count=count, sorry=sorry, silence=None)
