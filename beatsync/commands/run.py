"""`beatsync run`: the daemon in the foreground."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import trio

from beatsync.clock import SystemClock, boot_id, is_synchronised
from beatsync.commands.companions import show_progress, tell_books, tell_health
from beatsync.commands.running_log import Log, open_log
from beatsync.conductor.opening import conductor_apart
from beatsync.conductor.remote.spawning import Starter
from beatsync.config.configuration import ControlChoice
from beatsync.config.read import read_config_file
from beatsync.control.socket_path import conductor_directory, control_socket_path
from beatsync.core.engine import MAIN_DECK
from beatsync.core.transport import Transport
from beatsync.core.units import clock_face, seconds_from_ns
from beatsync.daemon import Edits, Keeping, Stage, play
from beatsync.decks.deck import Deck
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.placing import Standing
from beatsync.decks.preparing import Preparation
from beatsync.decks.show import Show, prepare_show
from beatsync.plan.facts import counted
from beatsync.reloading.files import files_of, look_at, signatures_of
from beatsync.service import notify
from beatsync.state.directory import state_directory
from beatsync.state.kept import Instant
from beatsync.state.opening import OpenedState, end_state, open_state
from beatsync.state.recollecting import ShowMemory
from beatsync.state.remembering import Remembering
from beatsync.terminal.cue_log import LogFormat
from beatsync.unix_sockets import private_socket


def run_daemon(
    config: Path,
    *,
    form: LogFormat,
    once: bool,
    fresh: bool,
    starter: Starter | None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Play the show of `config` until it is told to stop, or with `once` until its track has ended.

    `fresh`: as the configuration says, whatever was played before. `starter`: starts conductors, None where systemd
    does. The control socket comes first: only one daemon at a time gets any further.
    """
    clock = SystemClock()
    control = control_socket_path(environment)
    files = _Files(config, environment)
    with (
        private_socket(control) as listener,
        open_log(sys.stderr, form, clock, stamped="JOURNAL_STREAM" not in environment) as writer,
    ):
        log = Log(writer, clock)
        now = Instant(clock.now(), clock.wall(), boot_id())
        state = open_state(state_directory(environment), files.configuration, now, fresh=fresh)
        for note in state.notes:
            log.say(note, {"event": "state", "message": note}, grave=True)
        preparation = Preparation(
            environment=environment, clock=clock, stdin=sys.stdin.buffer, network=not state.safe_mode
        )
        show = trio.run(prepare_show, files.configuration, preparation, _standings(state))
        log.notes(show.notes)
        stage = Stage(
            clock=clock,
            open_conductor=partial(conductor_apart, directory=conductor_directory(control), starter=starter),
            preparation=preparation,
            report=writer.put,
            tell=log.news,
            armed=partial(_say_armed, log, show, environment),
            companions=(tell_health(log), tell_books(log), show_progress(log)),
            listener=listener,
            stay=not once,
            edits=files.edits,
            watch=not state.safe_mode,
            keeping=_keeping(state, log),
        )
        totals = trio.run(play, _without_ports(show) if state.safe_mode else show, stage)
        notify("STOPPING=1", environment)
        end_state(state.database)
        log.summary(totals)


class _Files:
    """The show's files, as they are when it begins."""

    def __init__(self, config: Path, environment: Mapping[str, str]) -> None:
        before = signatures_of([config.absolute()])
        self.configuration = read_config_file(config)
        self.edits = Edits(
            read=partial(trio.to_thread.run_sync, read_config_file, config),
            look=partial(look_at, environment=environment),
            seen={**signatures_of(files_of(self.configuration, environment)), **before},
        )


def _standings(state: OpenedState) -> Mapping[str, Standing]:
    memory = state.recollection
    return {name: its.standing for name, its in memory.decks.items()} if isinstance(memory, ShowMemory) else {}


def _keeping(state: OpenedState, log: Log) -> Keeping:
    remembering = Remembering(
        state.database,
        clock=log.clock,
        boot=boot_id(),
        tell=log.news,
        aside=partial(trio.to_thread.run_sync, abandon_on_cancel=True),
    )
    return Keeping(recollection=state.recollection, remembering=remembering, clock_is_right=is_synchronised())


def _without_ports(show: Show) -> Show:
    return replace(show, configuration=replace(show.configuration, control=ControlChoice()))


def _say_armed(
    log: Log,
    show: Show,
    environment: Mapping[str, str],
    ensemble: Ensemble,
    taken_over: Mapping[str, Transport],
) -> None:
    """Everything is ready for the first cue."""
    targets = counted(len(show.configuration.targets), "target")
    decks = [_described(deck, taken_over) for deck in ensemble.decks.values()]
    text = f"armed for {targets}: {'; '.join(decks)}"
    record = {
        "event": "armed",
        "targets": {target.name: target.url for target in show.configuration.targets},
        "decks": {name: _deck_record(deck, taken_over) for name, deck in ensemble.decks.items()},
    }
    log.say(text, record)
    notify(f"READY=1\nSTATUS={text}", environment)


def _described(deck: Deck, taken_over: Mapping[str, Transport]) -> str:
    material = deck.material
    name = "" if deck.name == MAIN_DECK else f"deck {deck.name}: "
    if material is None:
        return f"{name}nothing loaded"
    cues = counted(len(material.schedule), "cue")
    text = f"{name}{material.name}, {clock_face(material.track.duration)}, {cues}"
    position = deck.state().position
    if deck.name in taken_over and position is not None:
        return f"{text}; it was playing already, and goes on at {clock_face(position)}"
    return text


def _deck_record(deck: Deck, taken_over: Mapping[str, Transport]) -> Mapping[str, object]:
    state, material = deck.state(), deck.material
    record: dict[str, object] = {"playback": state.playback}
    if material is not None:
        record |= {
            "track": material.name,
            "duration": seconds_from_ns(material.track.duration),
            "cues": len(material.schedule),
        }
    if deck.name in taken_over and state.position is not None:
        record["taken_over_at"] = seconds_from_ns(state.position)
    return record
