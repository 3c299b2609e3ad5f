"""The API served: on a Unix socket that only the daemon's user can open, and on a TCP port where that is configured."""

from __future__ import annotations

import socket
import string
from collections.abc import Callable, Sequence
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.control.app import Api, control_app
from beatsync.control.console import Console
from beatsync.control.entrances import Entrance
from beatsync.control.guard import Guard
from beatsync.control.records import written
from beatsync.control.refusing import plain_error
from beatsync.control.replays import Replays
from beatsync.core.units import NS_PER_SECOND
from beatsync.decks.desk import Desk
from beatsync.decks.news import Tell
from beatsync.web.serving import serve_few

_LETTERS: Final = string.digits + string.ascii_lowercase


async def serve_commands(
    desk: Desk,
    entrances: Sequence[Entrance],
    *,
    tell: Tell,
    leave: Callable[[], None],
    task_status: trio.TaskStatus[object] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Take commands at every entrance until cancelled. `leave` ends the show and the daemon, after an answer."""
    clock = desk.ensemble.clock
    console = Console(desk, run=_run_name(clock), tell=tell)
    async with trio.open_nursery() as nursery:
        api = Api(console, Replays(nursery), clock, tell, leave)
        app = control_app(api)
        for entrance in entrances:
            nursery.start_soon(_serve_one, Guard(app, entrance.door, clock, api.refused), entrance.listening)
        task_status.started()


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
