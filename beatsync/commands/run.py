"""`beatsync run`: the daemon in the foreground."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import trio

from beatsync.clock import SystemClock
from beatsync.commands.playing import Log, open_log, tell_health
from beatsync.conductor.deck import Deck
from beatsync.conductor.opening import conductor_apart
from beatsync.conductor.remote.spawning import Starter
from beatsync.config.read import read_config_file
from beatsync.control.socket_path import conductor_directory, control_socket_path
from beatsync.core.units import clock_face, seconds_from_ns
from beatsync.daemon import Stage, play
from beatsync.service import notify
from beatsync.show import Show, prepare_show
from beatsync.terminal.cue_log import LogFormat


def run_daemon(config: Path, *, form: LogFormat, once: bool, environment: Mapping[str, str] = os.environ) -> None:
    """Play the show of `config` until it is told to stop, or with `once` until its track has ended."""
    clock = SystemClock()
    control = control_socket_path(environment)
    starter = None if environment.get("BEATSYNC_CONDUCTOR") == "service" else Starter()
    configuration = read_config_file(config)
    with open_log(sys.stderr, form, clock, stamped="JOURNAL_STREAM" not in environment) as writer:
        log = Log(writer, clock)
        prepare = partial(prepare_show, configuration, environment=environment, clock=clock, stdin=sys.stdin.buffer)
        show = trio.run(prepare)
        log.notes(show.notes)

        def armed(deck: Deck, taken_over: bool) -> None:  # noqa: FBT001  a callback's one question
            state = deck.state()
            text = f"armed: {_described(show)}"
            record = {"event": "armed", "cues": len(show.schedule), "playback": state.playback}
            if taken_over and state.position is not None:
                text += f"; it was playing already, and goes on at {clock_face(state.position)}"
                record["taken_over_at"] = seconds_from_ns(state.position)
            log.say(text, record)
            notify(f"READY=1\nSTATUS={text}", environment)

        stage = Stage(
            clock=clock,
            open_conductor=partial(conductor_apart, directory=conductor_directory(control), starter=starter),
            report=writer.put,
            remark=log.remark,
            armed=armed,
            companion=tell_health(log),
            control=control,
            stay=not once,
        )
        totals = trio.run(play, show, stage)
        notify("STOPPING=1", environment)
        log.summary(totals)


def _described(show: Show) -> str:
    name = f"track {show.track.asset_id}" if show.track.asset_id else "a track"
    return f"{name}, {clock_face(show.track.duration)}, {len(show.schedule)} cues to {len(show.targets)} targets"
