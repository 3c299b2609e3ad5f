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
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.deck import Deck
from beatsync.config.read import read_config_file
from beatsync.control.socket_path import control_socket_path
from beatsync.core.units import clock_face
from beatsync.daemon import Stage, play
from beatsync.service import notify
from beatsync.show import Show, prepare_show
from beatsync.terminal.cue_log import LogFormat


def run_daemon(config: Path, *, form: LogFormat, once: bool, environment: Mapping[str, str] = os.environ) -> None:
    """Play the show of `config` until it is told to stop, or with `once` until its track has ended."""
    clock = SystemClock()
    configuration = read_config_file(config)
    with open_log(sys.stderr, form, clock, stamped="JOURNAL_STREAM" not in environment) as writer:
        log = Log(writer, clock)
        prepare = partial(prepare_show, configuration, environment=environment, clock=clock, stdin=sys.stdin.buffer)
        show = trio.run(prepare)
        log.notes(show.notes)

        def armed(deck: Deck, _conductor: Conductor) -> None:
            text = f"armed: {_described(show)}"
            log.say(text, {"event": "armed", "cues": len(show.schedule), "playback": deck.state().playback})
            notify(f"READY=1\nSTATUS={text}", environment)

        stage = Stage(
            clock=clock,
            report=writer.put,
            armed=armed,
            companion=tell_health(log),
            control=control_socket_path(environment),
            stay=not once,
        )
        totals = trio.run(play, show, stage)
        notify("STOPPING=1", environment)
        log.summary(totals)


def _described(show: Show) -> str:
    name = f"track {show.track.asset_id}" if show.track.asset_id else "a track"
    return f"{name}, {clock_face(show.track.duration)}, {len(show.schedule)} cues to {len(show.targets)} targets"
