"""Builds and wires the daemon: the only place that knows both ends of anything."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import trio

from beatsync.clock import Clock
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.deck import Deck
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Totals
from beatsync.control.server import control_app, control_socket, serve_control
from beatsync.core.units import seconds_from_ns
from beatsync.feeds.start import transport_of_start
from beatsync.outputs.opening import open_outputs
from beatsync.show import Show
from beatsync.terminal.summary import lateness_ms

FLUSH_SECONDS: Final = 0.5
"""How long the endings of looks may take to leave through slow connections when the daemon stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a running show is given to work with.

    `report` gets every verdict. `armed` is called once everything is ready for the first cue; `companion` is a task
    that runs beside the show, for people. `control`: where the control socket goes, None for a show that nobody steers.
    `stay`: wait for commands after the track's end.
    """

    clock: Clock
    report: Callable[[Report], None]
    armed: Callable[[Deck, Conductor], None]
    companion: Callable[[Deck, Conductor], Awaitable[None]]
    control: Path | None
    stay: bool


async def play(show: Show, stage: Stage) -> Totals:
    """Play a show until it ends, or until SIGTERM, SIGINT or SIGHUP; every look is ended. Returns the books.

    Nurseries are nested in order of life: outputs outlive the conductor's tasks, so that endings can still leave.
    """
    async with trio.open_nursery() as outer:
        conductor = Conductor(show.targets, clock=stage.clock, report=stage.report)
        outputs = await open_outputs(
            show.targets,
            clock=stage.clock,
            report=conductor.settle,
            on_connected=conductor.chase,
            nursery=outer,
        )
        conductor.connect(outputs)
        conductor.load(show.schedule)
        deck = Deck(show.track, conductor, stage.clock)
        async with trio.open_nursery() as inner:
            inner.start_soon(conductor.run)
            inner.start_soon(stage.companion, deck, conductor)
            outer.start_soon(_leave_on_signal, inner.cancel_scope)
            if stage.control is None:
                await _perform(show, stage, deck, conductor)
            else:
                with control_socket(stage.control) as listener:
                    app = control_app(deck, lambda: status_record(deck, conductor))
                    await inner.start(serve_control, app, listener)
                    await _perform(show, stage, deck, conductor)
            inner.cancel_scope.cancel()
        deck.stop()
        with trio.move_on_after(FLUSH_SECONDS):
            await conductor.wait_drained()
        outer.cancel_scope.cancel()
    return conductor.snapshot().total


async def _perform(show: Show, stage: Stage, deck: Deck, conductor: Conductor) -> None:
    stage.armed(deck, conductor)
    transport = transport_of_start(show.start, now=stage.clock.now(), wall=stage.clock.wall())
    if transport is not None:
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


def status_record(deck: Deck, conductor: Conductor) -> Mapping[str, Any]:
    """The daemon's state as JSON-safe values."""
    state = deck.state()
    snapshot = conductor.snapshot()
    totals = snapshot.total
    return {
        "playback": state.playback,
        "position": None if state.position is None else seconds_from_ns(state.position),
        "duration": seconds_from_ns(state.duration),
        "cue_ahead": snapshot.deadline is not None,
        "due": totals.due,
        "queued": totals.queued,
        "verdicts": dict(totals.verdicts),
        "lateness_ms": lateness_ms(totals),
        "targets": {
            name: {
                "state": health.state,
                "peer": health.peer,
                "source": health.source,
                "sent": health.sent,
                "failed": health.failed,
                "queued": health.queued,
                "detail": health.detail,
            }
            for name, health in snapshot.health.items()
        },
    }
