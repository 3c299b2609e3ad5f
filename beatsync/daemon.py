"""Builds and wires the daemon: the only place that knows both ends of anything."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import trio

from beatsync.clock import Clock
from beatsync.conductor.opening import ConductorOpener, Part
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Totals
from beatsync.config.configuration import Configuration
from beatsync.control.entrances import open_entrances
from beatsync.control.ring import Ring
from beatsync.core.transport import Transport
from beatsync.decks.assembling import Means, assemble
from beatsync.decks.commands import Reload, Reloaded
from beatsync.decks.desk import Desk
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.follow_on import wait_ended
from beatsync.decks.foresight import Foresight
from beatsync.decks.material import name_of
from beatsync.decks.news import News, Tell
from beatsync.decks.overheard import Overheard
from beatsync.decks.preparing import Preparation
from beatsync.decks.record import Order, Ordered, Record, nobody
from beatsync.decks.show import Show
from beatsync.decks.standing_in import tell_standing_in
from beatsync.errors import BeatsyncError, CommandRefused
from beatsync.reloading.files import Signatures
from beatsync.reloading.in_force import texts_in_force
from beatsync.reloading.reloading import LookAt, ReadConfiguration, Reloading
from beatsync.reloading.stirring import told_of
from beatsync.reloading.watching import Watching
from beatsync.state import resuming
from beatsync.state.catching_up import CatchingUp
from beatsync.state.recollecting import Recollection, ShowMemory
from beatsync.state.remembering import Remembering
from beatsync.state.texts import MOST_BYTES

Said = TypeVar("Said")

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
class Keeping:
    """What survives the daemon: what is gone on with now, and what keeps it from now on.

    `fresh`: nothing is gone on with, whatever still plays. `clock_is_right`: whether this machine knows what time it
    is.
    """

    recollection: Recollection
    remembering: Remembering
    clock_is_right: bool
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a running show is given to work with.

    `open_conductor`: here, or in a process of its own. `report` gets every verdict, `tell` what people should know.
    `armed` is called once everything is ready for the first cue, with the lines along which decks were found playing
    already. `companions` are tasks that run beside the show, for people. `control`: where the control socket goes, None
    for a show that nobody steers. `stay`: wait for commands after the end. `record`: keeps what happens. `edits`: None
    for a show without files; `watch`: whether those are watched. `keeping`: None for a show that nothing is kept of.
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
    watch: bool = True
    keeping: Keeping | None = None

    @property
    def clock_is_right(self) -> bool:
        """Whether this machine knows what time it is."""
        return self.keeping is None or self.keeping.clock_is_right

    @property
    def memory(self) -> ShowMemory | None:
        """What is gone on with."""
        recollection = self.keeping.recollection if self.keeping else None
        return recollection if isinstance(recollection, ShowMemory) else None


async def play(show: Show, stage: Stage) -> Totals:
    """Play a show until it ends, or until SIGTERM or SIGINT; every look is ended. Returns the books.

    SIGHUP reads its files again; where there are none, it ends the show too.
    """
    with open_entrances(stage.control, show.configuration.control, stage.clock) as entrances:
        ring = Ring()
        stage, memory, catching_up = _listened_to(stage, ring), stage.memory, CatchingUp()
        stage = replace(stage, report=_both(stage.report, catching_up.report))
        tell_standing_in(show.configuration, stage.clock.now(), stage.tell)
        part = _part(show, stage)
        async with stage.open_conductor(part) as opened, trio.open_nursery() as outer:
            foresight = Foresight(part.targets, show.loads)
            means = _means(stage, Overheard(opened.conductor, foresight, stage.clock))
            ensemble = assemble(show, means, on_air=memory.on_air if memory else None)
            reloading = _reloading(means, stage)
            desk = Desk(ensemble, reload=lambda: _reload(reloading, desk), tell=stage.tell)
            await _adopt_others(ensemble, opened.others)
            if memory is not None:
                resuming.restore(memory, desk)
            lines = {name: line for name in ensemble.decks if (line := means.conductor.transport(name)) is not None}
            taken_over = {name: line for name, line in lines.items() if name in opened.taken_over}
            for name, line in taken_over.items():
                foresight.take_over(name, line, stage.clock.now())
            async with trio.open_nursery() as inner:
                await _heed_signals(stage, desk, outer, inner.cancel_scope)
                for companion in stage.companions:
                    inner.start_soon(companion, ensemble)
                inner.start_soon(ensemble.run)
                stage.armed(ensemble, taken_over)
                catching_up.tell(desk, taken_over, memory.away if memory else None)
                if memory is None:
                    ensemble.begin(taken_over)
                else:
                    resuming.begin(memory, desk, lines, clock_is_right=stage.clock_is_right)
                if stage.keeping is not None:
                    if stage.edits is not None and show.configuration.stand_in is None:
                        _keep_texts(stage.keeping.remembering, show.configuration, stage.edits.seen)
                    inner.start_soon(stage.keeping.remembering.run, desk)
                if reloading is not None and stage.watch:
                    inner.start_soon(Watching(reloading, desk, tell=stage.tell, told_of=told_of).run)
                if entrances.http:
                    told = trio.Event()
                    serve_commands = await trio.to_thread.run_sync(_serving)
                    outer.start_soon(_leave_when_told, told, stage, inner.cancel_scope)
                    serve = partial(serve_commands, ring=ring, foresight=foresight, tell=stage.tell, leave=told.set)
                    await inner.start(serve, desk, entrances)
                await _wait_over(ensemble, stay=stage.stay)
                _end_on_purpose(stage)
                inner.cancel_scope.cancel()
            for name in ensemble.decks:  # leaving ends every look
                stage.record(Ordered(stage.clock.now(), name, Order.STOP))
            outer.cancel_scope.cancel()
    return opened.conductor.snapshot().total


def _serving() -> Callable[..., Awaitable[None]]:
    """What serves pages is read only now, and beside the loop: neither cues nor signals wait for it."""
    from beatsync.control.serving import serve_commands  # noqa: PLC0415

    return serve_commands


def _listened_to(stage: Stage, ring: Ring) -> Stage:
    """The stage, with what happens told to the events' ring too, and to what keeps the show."""
    report, tell = ring.reports(stage.report), ring.news(stage.tell)
    if stage.keeping is None:
        return replace(stage, report=report, tell=tell)
    keeping = stage.keeping.remembering
    return replace(stage, report=_both(report, keeping.report), tell=_both(tell, keeping.news))


def _both(one: Callable[[Said], None], other: Callable[[Said], None]) -> Callable[[Said], None]:
    def tell(said: Said) -> None:
        one(said)
        other(said)

    return tell


def _part(show: Show, stage: Stage) -> Part:
    """What the conductor gets; with the leads that were set by hand, so that nothing leaves by others."""
    leads = stage.memory.settings.leads if stage.memory else {}
    return Part(
        show=show.name,
        loads=show.loads,
        targets=tuple(
            replace(target, lead=leads.get(target.name, target.lead)) for target in show.configuration.targets
        ),
        clock=stage.clock,
        report=stage.report,
        remark=lambda text: stage.tell(News(stage.clock.now(), "conductor", text, {"message": text}, grave=True)),
        fresh=stage.keeping is not None and stage.keeping.fresh,
    )


def _means(stage: Stage, conductor: Overheard) -> Means:
    return Means(
        preparation=stage.preparation,
        conductor=conductor,
        clock=stage.clock,
        tell=stage.tell,
        environment=stage.environment,
        record=stage.record,
    )


async def _adopt_others(ensemble: Ensemble, others: Mapping[str, str]) -> None:
    """Some decks were found playing other tracks than was known: have those, or have what was loaded for them."""
    for name, track in others.items():
        deck = ensemble.decks[name]
        choices = deck.repertoire.choices
        place = next((place for place, choice in enumerate(choices) if name_of(choice) == track), None)
        try:
            if place is not None:
                deck.adopt(await deck.repertoire.material(choices[place]), place)
        except BeatsyncError as error:
            deck.telling.trouble(f"{track}, which is being played, cannot be had: {error}")
        ensemble.conductor.do(*deck.everything())
    await ensemble.conductor.wait_applied()


def _reloading(means: Means, stage: Stage) -> Reloading | None:
    edits = stage.edits
    if edits is None:
        return None
    if stage.keeping is None:
        return Reloading(means, edits.read, look=edits.look, seen=edits.seen)
    keep = partial(_keep_texts, stage.keeping.remembering)
    return Reloading(means, edits.read, look=edits.look, seen=edits.seen, keep=keep)


def _keep_texts(remembering: Remembering, configuration: Configuration, seen: Signatures) -> None:
    """These are the files in force."""
    remembering.keep_texts(partial(texts_in_force, configuration, seen, most=MOST_BYTES))


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


async def _heed_signals(stage: Stage, desk: Desk, nursery: trio.Nursery, scope: trio.CancelScope) -> None:
    """What becomes of the show on each signal. Returns once they are heeded: what follows may take its time."""
    ending = [signal.SIGTERM, signal.SIGINT]
    if stage.edits is None:
        ending.append(signal.SIGHUP)
    else:
        await nursery.start(_reload_on_hang_up, desk)
    await nursery.start(_leave_on, ending, stage, scope)


async def _wait_over(ensemble: Ensemble, *, stay: bool) -> None:
    """Return when every deck has come to its end, unless commands may still come."""
    if stay:
        await trio.sleep_forever()
    over = False
    while not over:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_after, ensemble.changed, nursery.cancel_scope)
            for deck in list(ensemble.decks.values()):
                await wait_ended(deck, ensemble.conductor, ensemble.clock)
            over = True
            nursery.cancel_scope.cancel()


async def _cancel_after(event: trio.Event, scope: trio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


def _end_on_purpose(stage: Stage) -> None:
    """The show is not to be gone on with: it has ended, or somebody has said so."""
    if stage.keeping is not None:
        stage.keeping.remembering.over = True


async def _leave_on(
    ending: Iterable[signal.Signals], stage: Stage, scope: trio.CancelScope, *, task_status: trio.TaskStatus[None]
) -> None:
    """The first signal ends the show in good order; a second one ends the process.

    SIGTERM is what a service manager sends, also before the machine is started anew: the show may be gone on with.
    """
    with trio.open_signal_receiver(*ending) as signals:
        task_status.started()
        async for number in signals:
            if scope.cancel_called:
                os._exit(128 + number)
            if number != signal.SIGTERM:
                _end_on_purpose(stage)
            scope.cancel()


async def _leave_when_told(told: trio.Event, stage: Stage, scope: trio.CancelScope) -> None:
    """The show ends when somebody says so, who gets an answer first."""
    await told.wait()
    await trio.sleep(ANSWER_SECONDS)
    _end_on_purpose(stage)
    scope.cancel()
