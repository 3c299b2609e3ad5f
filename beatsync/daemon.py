"""Builds and wires the daemon: the only place that knows both ends of anything."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.conductor.opening import ConductorOpener, Part
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Totals
from beatsync.control.entrances import open_entrances
from beatsync.control.ring import Ring
from beatsync.core.transport import Transport
from beatsync.decks.assembling import Means, assemble
from beatsync.decks.commands import Reload, Reloaded
from beatsync.decks.desk import Desk
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.follow_on import wait_ended
from beatsync.decks.foresight import Foresight
from beatsync.decks.news import News, Tell
from beatsync.decks.overheard import Overheard
from beatsync.decks.preparing import Preparation
from beatsync.decks.record import Record, nobody
from beatsync.decks.show import Show
from beatsync.errors import BeatsyncError, CommandRefused
from beatsync.reloading.files import Signatures
from beatsync.reloading.reloading import LookAt, ReadConfiguration, Reloading
from beatsync.reloading.stirring import told_of
from beatsync.reloading.watching import Watching

ANSWER_SECONDS: Final = 0.1
"""How long the answer to `quit` has to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """How the files of a show are read again.

    `look`: at the files that a configuration names; `seen`: how they were when the show was read.
    """

    read: ReadConfiguration
    look: LookAt
    seen: Signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a running show is given to work with.

    `open_conductor`: here, or in a process of its own. `report` gets every verdict, `tell` what people should know.
    `armed` is called once everything is ready for the first cue, with the lines along which decks were found playing
    already. `companions` are tasks that run beside the show, for people. `control`: where the control socket goes, None
    for a show that nobody steers. `stay`: wait for commands after the end. `record`: keeps what happens. `edits`: None
    for a show without files.
    """

    clock: Clock
    open_conductor: ConductorOpener
    preparation: Preparation
    report: Callable[[Report], None]
    tell: Tell
    environment: Mapping[str, str]
    armed: Callable[[Ensemble, Mapping[str, Transport]], None]
    companions: tuple[Callable[[Ensemble], Awaitable[None]], ...]
    control: Path | None
    stay: bool
    record: Record = nobody
    edits: Edits | None = None


async def play(show: Show, stage: Stage) -> Totals:
    """Play a show until it ends, or until SIGTERM or SIGINT; every look is ended. Returns the books.

    SIGHUP reads its files again; where there are none, it ends the show too.

    The control socket comes first: only one daemon at a time gets as far as the conductor.
    """
    with open_entrances(stage.control, show.configuration.control, stage.clock) as entrances:
        ring = Ring()
        stage = replace(stage, report=ring.reports(stage.report), tell=ring.news(stage.tell))
        part = Part(
            show=show.name,
            loads=show.loads,
            targets=show.configuration.targets,
            clock=stage.clock,
            report=stage.report,
            remark=lambda text: stage.tell(News(stage.clock.now(), "conductor", text, {"message": text}, grave=True)),
        )
        async with stage.open_conductor(part) as opened, trio.open_nursery() as outer:
            foresight = Foresight(show.configuration.targets, show.loads)
            conductor = Overheard(opened.conductor, foresight, stage.clock)
            means = Means(
                preparation=stage.preparation,
                conductor=conductor,
                clock=stage.clock,
                tell=stage.tell,
                environment=stage.environment,
                record=stage.record,
            )
            ensemble = assemble(show, means)
            edits = stage.edits
            reloading = None
            if edits is not None:
                reloading = Reloading(means, edits.read, look=edits.look, seen=edits.seen)
            desk = Desk(ensemble, reload=lambda: _reload(reloading, desk), tell=stage.tell)
            lines = {name: conductor.transport(name) for name in opened.taken_over}
            taken_over = {name: transport for name, transport in lines.items() if transport is not None}
            for name, transport in taken_over.items():
                foresight.take_over(name, transport, stage.clock.now())
            async with trio.open_nursery() as inner:
                ending = {signal.SIGTERM, signal.SIGINT} | (set() if edits else {signal.SIGHUP})
                await outer.start(_leave_on, ending, inner.cancel_scope)
                if reloading is not None:
                    await inner.start(_reload_on_hang_up, desk)
                    inner.start_soon(Watching(reloading, desk, tell=stage.tell, told_of=told_of).run)
                for companion in stage.companions:
                    inner.start_soon(companion, ensemble)
                inner.start_soon(ensemble.run)
                stage.armed(ensemble, taken_over)
                ensemble.begin(taken_over)
                if entrances.http:
                    told = trio.Event()
                    serve_commands = await trio.to_thread.run_sync(_serving)
                    outer.start_soon(_leave_when_told, told, inner.cancel_scope)
                    serve = partial(serve_commands, ring=ring, foresight=foresight, tell=stage.tell, leave=told.set)
                    await inner.start(serve, desk, entrances)
                await _wait_over(ensemble, stay=stage.stay)
                inner.cancel_scope.cancel()
            outer.cancel_scope.cancel()
    return conductor.snapshot().total


def _serving() -> Callable[..., Awaitable[None]]:
    """What serves pages is read only now, and beside the loop: neither cues nor signals wait for it."""
    from beatsync.control.serving import serve_commands  # noqa: PLC0415

    return serve_commands


async def _reload(reloading: Reloading | None, desk: Desk) -> Reloaded:
    if reloading is None:
        raise CommandRefused("this show is not read from files")
    return await reloading.reload(desk)


async def _reload_on_hang_up(desk: Desk, *, task_status: trio.TaskStatus[None]) -> None:
    """SIGHUP: from a service manager, or since a terminal is closed. A show does not end with a terminal."""
    with trio.open_signal_receiver(signal.SIGHUP) as signals:
        task_status.started()
        async for _ in signals:
            try:
                await desk.do(Reload())
            except CommandRefused as refusal:
                desk.say("reload", f"not reloaded: {refusal}", grave=True)
            except BeatsyncError:
                pass  # everybody has been told


async def _wait_over(ensemble: Ensemble, *, stay: bool) -> None:
    """Return when every deck has come to its end, unless commands may still come."""
    if stay:
        await trio.sleep_forever()
    async with trio.open_nursery() as nursery:
        for deck in ensemble.decks.values():
            nursery.start_soon(wait_ended, deck, ensemble.conductor, ensemble.clock)


async def _leave_on(
    ending: Iterable[signal.Signals], scope: trio.CancelScope, *, task_status: trio.TaskStatus[None]
) -> None:
    """The first signal ends the show in good order; a second one ends the process."""
    with trio.open_signal_receiver(*ending) as signals:
        task_status.started()
        async for number in signals:
            if scope.cancel_called:
                os._exit(128 + number)
            scope.cancel()


async def _leave_when_told(told: trio.Event, scope: trio.CancelScope) -> None:
    """The show ends when somebody says so, who gets an answer first."""
    await told.wait()
    await trio.sleep(ANSWER_SECONDS)
    scope.cancel()
