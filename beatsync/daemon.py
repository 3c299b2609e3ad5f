"""Builds and wires the daemon: the only place that knows both ends of anything."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import SetTrackLead
from beatsync.conductor.conducted import Conducted
from beatsync.conductor.deck import Deck
from beatsync.conductor.opening import ConductorOpener, Part
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Totals
from beatsync.control.server import control_app, serve_control
from beatsync.core.engine import MAIN_DECK
from beatsync.core.leads import NO_LEAD
from beatsync.core.units import seconds_from_ns
from beatsync.feeds.start import transport_of_start
from beatsync.show import Show
from beatsync.terminal.summary import lateness_ms
from beatsync.unix_sockets import private_socket

ANSWER_SECONDS: Final = 0.1
"""How long the answer to `quit` has to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a running show is given to work with.

    `open_conductor`: here, or in a process of its own. `report` gets every verdict, `remark` what people should know.
    `armed` is called once everything is ready for the first cue, and told whether a show that was playing already has
    been taken over; `companion` is a task that runs beside the show, for people. `control`: where the control socket
    goes, None for a show that nobody steers. `stay`: wait for commands after the track's end.
    """

    clock: Clock
    open_conductor: ConductorOpener
    report: Callable[[Report], None]
    remark: Callable[[str], None]
    armed: Callable[[Deck, bool], None]
    companion: Callable[[Deck, Conducted], Awaitable[None]]
    control: Path | None
    stay: bool


async def play(show: Show, stage: Stage) -> Totals:
    """Play a show until it ends, or until SIGTERM, SIGINT or SIGHUP; every look is ended. Returns the books.

    The control socket comes first: only one daemon at a time gets as far as the conductor.
    """
    with nullcontext() if stage.control is None else private_socket(stage.control) as listener:
        part = Part(
            show=show.name,
            schedules={MAIN_DECK: show.schedule},
            targets=show.targets,
            clock=stage.clock,
            report=stage.report,
            remark=stage.remark,
        )
        async with stage.open_conductor(part) as opened, trio.open_nursery() as outer:
            conductor = opened.conductor
            if show.lead != NO_LEAD:
                conductor.do(SetTrackLead(MAIN_DECK, show.lead))
            deck = Deck(show.track, conductor, stage.clock)
            async with trio.open_nursery() as inner:
                outer.start_soon(_leave_on_signal, inner.cancel_scope)
                inner.start_soon(stage.companion, deck, conductor)
                if listener is not None:
                    told = trio.Event()
                    outer.start_soon(_leave_when_told, told, inner.cancel_scope)
                    app = control_app(deck, lambda: status_record(deck, conductor), told.set)
                    await inner.start(serve_control, app, listener)
                await _perform(show, stage, deck, taken_over=MAIN_DECK in opened.taken_over)
                inner.cancel_scope.cancel()
            outer.cancel_scope.cancel()
    return conductor.snapshot().total


async def _perform(show: Show, stage: Stage, deck: Deck, *, taken_over: bool) -> None:
    stage.armed(deck, taken_over)
    transport = transport_of_start(show.start, now=stage.clock.now(), wall=stage.clock.wall())
    if transport is not None and not taken_over:
        deck.follow(transport)
    if stage.stay:
        await trio.sleep_forever()
    await deck.wait_ended()


async def _leave_on_signal(scope: trio.CancelScope) -> None:
    """The first signal ends the show in good order; a second one ends the process."""
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        async for number in signals:
            if scope.cancel_called:
                os._exit(128 + number)
            scope.cancel()


async def _leave_when_told(told: trio.Event, scope: trio.CancelScope) -> None:
    """The show ends when somebody says so, who gets an answer first."""
    await told.wait()
    await trio.sleep(ANSWER_SECONDS)
    scope.cancel()


def status_record(deck: Deck, conductor: Conducted) -> Mapping[str, Any]:
    """The daemon's state as JSON-safe values."""
    state = deck.state()
    snapshot = conductor.snapshot()
    return {
        "playback": state.playback,
        "position": None if state.position is None else seconds_from_ns(state.position),
        "duration": seconds_from_ns(state.duration),
        "cue_ahead": snapshot.deadline is not None,
        **_books(snapshot.total),
        "conductor": {
            "process": snapshot.process,
            "realtime": snapshot.precision.realtime,
            "memory_locked": snapshot.precision.memory_locked,
            "seconds_since_wake": seconds_from_ns(snapshot.at - snapshot.woke),
        },
        "targets": {
            name: {
                "state": health.state,
                "peer": health.peer,
                "source": health.source,
                "sent": health.sent,
                "failed": health.failed,
                "detail": health.detail,
                **_books(snapshot.totals.get(name, Totals())),
            }
            for name, health in snapshot.health.items()
        },
    }


def _books(totals: Totals) -> Mapping[str, Any]:
    return {
        "due": totals.due,
        "queued": totals.queued,
        "verdicts": dict(totals.verdicts),
        "lateness_ms": lateness_ms(totals),
    }
