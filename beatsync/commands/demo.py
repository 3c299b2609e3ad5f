"""`beatsync demo`: the bundled track with the default rules, on the internal clock."""

from __future__ import annotations

import errno
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio
import trio.testing

from beatsync.clock import Clock, SystemClock, TrioClock
from beatsync.commands.companions import Companion, show_progress, watch_log
from beatsync.commands.running_log import Log, open_log
from beatsync.conductor.opening import conductor_apart, conductor_here
from beatsync.conductor.remote.spawning import Starter
from beatsync.config.configuration import Configuration, DeckChoice, FromBundle, OnAirChoice, TrackChoice
from beatsync.config.starts import StartNow
from beatsync.config.urls import parse_url
from beatsync.core.default_rules import default_rules
from beatsync.core.document import parse_track
from beatsync.core.engine import MAIN_DECK
from beatsync.core.targets import Target
from beatsync.core.units import clock_face
from beatsync.daemon import Stage, play
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.material import BUNDLED
from beatsync.decks.preparing import Preparation, at_once, material_of
from beatsync.decks.show import Show
from beatsync.demo_track import demo_document
from beatsync.errors import UsageError
from beatsync.outputs.books import reason_of
from beatsync.terminal.cue_log import LogFormat
from beatsync.terminal.log_watch import LogWatch

TARGET: Final = "lights"
GLANCE_SECONDS: Final = 0.25
REFUSED: Final = reason_of(OSError(errno.ECONNREFUSED, ""))


def play_demo(*, to: str, fast: bool, form: LogFormat) -> int:
    """Play it to `to` (host:port), with each cue on standard output; `fast`: in virtual time. Returns the exit code."""
    show = demo_show(to)
    virtual = trio.testing.MockClock(autojump_threshold=0) if fast else None
    clock = TrioClock() if fast else SystemClock()
    watch = LogWatch(sys.stdout, sys.stderr)
    trio.run(partial(_perform, show, clock, form, watch, fast=fast), clock=virtual)
    return watch.end()


def demo_show(to: str) -> Show:
    """The demo, sent to `to`. Raises UsageError for what is no host and port."""
    target = _target(to)
    track = TrackChoice(origin=FromBundle())
    deck = DeckChoice(name=MAIN_DECK, track=track, clock=StartNow(), rules=default_rules([TARGET]))
    configuration = Configuration(
        path=Path("demo"),
        decks={MAIN_DECK: deck},
        on_air=OnAirChoice(MAIN_DECK),
        targets=(target,),
        notes=(),
        places={},
    )
    material = material_of(parse_track(demo_document(), source=BUNDLED), configuration, deck, track)
    return Show(configuration, {MAIN_DECK: (material, 0)})


async def _perform(show: Show, clock: Clock, form: LogFormat, watch: LogWatch, *, fast: bool) -> None:
    with open_log(sys.stdout, form, clock, stamped=False) as writer, TemporaryDirectory(prefix="beatsync-") as folder:
        log = Log(writer, clock)
        target, (material, _) = show.configuration.targets[0], show.loaded[MAIN_DECK]
        cues = len(material.schedule)
        text = f"the demo track, {clock_face(material.track.duration)}, {cues} cues to {target.url}"
        record = {"event": "armed", "cues": cues, "to": target.url}
        log.say(f"{text}; to see them arrive: oscdump {target.port}", record)
        apart = partial(conductor_apart, directory=Path(folder), starter=Starter(private=True))
        stage = Stage(
            clock=clock,
            open_conductor=conductor_here if fast else apart,
            preparation=Preparation(environment={}, clock=clock, aside=at_once),
            report=writer.put,
            tell=log.news,
            environment={},
            armed=lambda _ensemble, _taken_over: None,
            companions=(show_progress(log), _tell_trouble(log, target), *(() if fast else (watch_log(watch),))),
            control=None,
            stay=False,
        )
        log.summary(await play(show, stage))


def _tell_trouble(log: Log, target: Target) -> Companion:
    """Says once that what is sent does not arrive, as far as this machine is told."""

    async def companion(ensemble: Ensemble) -> None:
        while True:
            await trio.sleep(GLANCE_SECONDS)
            health = ensemble.conductor.snapshot().health.get(target.name)
            if health is not None and health.errors:
                break
        reason = health.errors[0][0]
        refused = reason == REFUSED
        calm = f"nothing listens at {target.url} yet; the cues are sent all the same"
        record = {"event": "target", "target": target.name, "url": target.url, "detail": reason}
        log.say(calm if refused else f"{target.url}: {reason}", record, grave=not refused)

    return companion


def _target(to: str) -> Target:
    try:
        url = parse_url(f"osc.udp://{to}")
    except ValueError as error:
        raise UsageError(f"--to {to!r}: expected HOST:PORT, such as 127.0.0.1:7700 or [::1]:7700") from error
    return Target(name=TARGET, carrier=url.carrier, host=url.host, port=url.port, broadcast=True)
