"""`beatsync run`: the daemon in the foreground."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import trio

from beatsync.clock import SystemClock
from beatsync.commands.arming import Arming, arming
from beatsync.commands.companions import show_progress, tell_books, tell_health, watch_log, watch_trace
from beatsync.commands.keeping import ShowFiles, keeping_of, opened_state
from beatsync.commands.last_good import show_to_play
from beatsync.commands.running_log import Log, open_log, shows_progress
from beatsync.conductor.opening import conductor_apart
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.report import Report
from beatsync.config.configuration import ControlChoice
from beatsync.control.socket_path import conductor_directory, control_socket_path
from beatsync.core.transport import Transport
from beatsync.daemon import Stage, play
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.preparing import Preparation
from beatsync.decks.record import nobody
from beatsync.decks.show import Show
from beatsync.plan.facts import counted
from beatsync.service import notify
from beatsync.terminal.cue_log import LogFormat
from beatsync.terminal.log_watch import LogWatch
from beatsync.traces.writing import trace_writer
from beatsync.unix_sockets import sole


def run_daemon(
    config: Path,
    *,
    form: LogFormat,
    once: bool,
    fresh: bool,
    starter: Starter | None,
    record: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Play the show of `config` until it is told to stop, or with `once` until its track has ended; the exit code.

    `fresh`: as the configuration says, whatever was played before. `starter`: starts conductors, None where systemd
    does. `record`: a file that keeps what is heard and decided. Only one daemon at a time gets any further than this.
    """
    clock = SystemClock()
    control = control_socket_path(environment)
    files = ShowFiles(config, environment)
    watch = LogWatch(sys.stderr, sys.stdout if sys.stdout.isatty() else None)
    with (
        sole(control),
        open_log(sys.stderr, form, clock, stamped="JOURNAL_STREAM" not in environment) as writer,
        nullcontext() if record is None else trace_writer(record, clock) as trace,
        nullcontext(Log(writer, clock)) as log,
        opened_state(files, log, environment, fresh=fresh) as found,
    ):
        preparation = Preparation(
            environment=environment,
            clock=clock,
            stdin=sys.stdin.buffer,
            network=not found.safe_mode,
            progress=log.progress,
        )
        show, state = show_to_play(files, found, preparation, log)
        log.notes(show.notes)

        def armed(ensemble: Ensemble, taken_over: Mapping[str, Transport]) -> None:
            if trace is not None:
                trace.begin(ensemble)
            armings = [
                arming(deck, show.configuration.decks[name].clock, clock, taken_over=name in taken_over)
                for name, deck in ensemble.decks.items()
            ]
            _say_armed(log, armings, show, environment)

        stage = Stage(
            clock=clock,
            open_conductor=partial(conductor_apart, directory=conductor_directory(control), starter=starter),
            preparation=preparation,
            report=writer.put if trace is None else _both(writer.put, trace.put),
            tell=log.news,
            environment=environment,
            record=nobody if trace is None else trace.put,
            armed=armed,
            companions=(
                *(tell_health(log), tell_books(log), watch_log(watch)),
                *((show_progress(log),) if shows_progress(sys.stderr, form) else ()),
                *(() if trace is None else (watch_trace(log, trace),)),
            ),
            control=control,
            stay=not once,
            edits=files.edits(preparation),
            watch=not state.safe_mode,
            keeping=keeping_of(state, log, fresh=fresh),
        )
        totals = trio.run(play, _without_ports(show) if state.safe_mode else show, stage)
        notify("STOPPING=1", environment)
        log.summary(totals)
    return watch.end()


def _without_ports(show: Show) -> Show:
    return replace(show, configuration=replace(show.configuration, control=ControlChoice()))


def _both(one: Callable[[Report], None], other: Callable[[Report], None]) -> Callable[[Report], None]:
    def tell(report: Report) -> None:
        one(report)
        other(report)

    return tell


def _say_armed(log: Log, armings: Sequence[Arming], show: Show, environment: Mapping[str, str]) -> None:
    """Everything is ready for the first cue."""
    targets = counted(len(show.configuration.targets), "target")
    idle = all(arming.idle for arming in armings)
    text = f"armed for {targets}: {'; '.join(arming.text for arming in armings)}"
    record = {
        "event": "armed",
        "targets": {target.name: target.url for target in show.configuration.targets},
        "decks": {arming.deck: arming.record for arming in armings},
    }
    log.say(text, record)
    if idle:
        log.say("no cue lies ahead: nothing will be sent", {"event": "idle"}, grave=True)
    notify(f"READY=1\nSTATUS={text}", environment)
    # What has been loaded stays: a collection that looked at all of it would keep a seek waiting for 20 ms (H6).
    gc.freeze()
