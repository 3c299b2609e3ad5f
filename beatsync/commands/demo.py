"""`beatsync demo`: the bundled track with the default rules, on the internal clock."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio
import trio.testing

from beatsync.clock import Clock, SystemClock, TrioClock
from beatsync.commands.playing import Log, open_log, show_progress
from beatsync.conductor.conducted import Conducted
from beatsync.conductor.deck import Deck
from beatsync.conductor.opening import conductor_apart, conductor_here
from beatsync.conductor.remote.spawning import Starter
from beatsync.config.configuration import StartNow
from beatsync.config.urls import parse_url
from beatsync.core.compilation import compile_schedule
from beatsync.core.default_rules import default_rules
from beatsync.core.document import parse_track
from beatsync.core.targets import Target
from beatsync.core.units import clock_face
from beatsync.daemon import Stage, play
from beatsync.demo_track import demo_document
from beatsync.errors import OutputError, UsageError
from beatsync.show import Show
from beatsync.terminal.cue_log import LogFormat
from beatsync.terminal.streams import failure_of

TARGET: Final = "lights"
GLANCE_SECONDS: Final = 0.25


def play_demo(*, to: str, fast: bool, form: LogFormat) -> None:
    """Play it to `to` (host:port), with each cue on standard output; `fast`: in virtual time."""
    show = demo_show(to)
    virtual = trio.testing.MockClock(autojump_threshold=0) if fast else None
    clock = TrioClock() if fast else SystemClock()
    trio.run(partial(_perform, show, clock, form, fast=fast), clock=virtual)


def demo_show(to: str) -> Show:
    """The demo, sent to `to`. Raises UsageError for what is no host and port."""
    target = _target(to)
    track = parse_track(demo_document(), source="the demo track").track
    schedule = compile_schedule(track, default_rules([TARGET]), [target])
    return Show(name="demo", track=track, schedule=schedule, targets=(target,), start=StartNow(), notes=())


async def _perform(show: Show, clock: Clock, form: LogFormat, *, fast: bool) -> None:
    with open_log(sys.stdout, form, clock, stamped=False) as writer, TemporaryDirectory(prefix="beatsync-") as folder:
        log = Log(writer, clock)
        target, cues = show.targets[0], len(show.schedule)
        text = f"the demo track, {clock_face(show.track.duration)}, {cues} cues to {target.url}"
        record = {"event": "armed", "cues": cues, "to": target.url}
        log.say(f"{text}; to see them arrive: oscdump {target.port}", record)
        apart = partial(conductor_apart, directory=Path(folder), starter=Starter(private=True))
        stage = Stage(
            clock=clock,
            open_conductor=conductor_here if fast else apart,
            report=writer.put,
            remark=log.remark,
            armed=lambda _deck, _taken_over: None,
            companion=partial(_companion, show, log),
            control=None,
            stay=False,
        )
        log.summary(await play(show, stage))
    if isinstance(failure := failure_of(sys.stdout), OutputError):
        raise failure


async def _companion(show: Show, log: Log, deck: Deck, conductor: Conducted) -> None:
    """What goes on beside the cues, for the person who looks at them."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(show_progress(show, log), deck, conductor)
        nursery.start_soon(_tell_trouble, log, show.targets[0], conductor)
        nursery.start_soon(_leave_unread)


async def _tell_trouble(log: Log, target: Target, conductor: Conducted) -> None:
    """Say once that what is sent does not arrive, as far as this machine is told."""
    while not (errors := conductor.snapshot().health[target.name].errors):
        await trio.sleep(GLANCE_SECONDS)
    reason = errors[0][0]
    remedy = f"start a receiver in another terminal: oscdump {target.port}"
    record = {"event": "target", "target": target.name, "url": target.url, "detail": reason}
    log.say(f"{target.url} {reason}; {remedy}", record, grave=True)


async def _leave_unread() -> None:
    """Where nobody reads the cues any more (`beatsync demo | head`), leave in good order, as if told to."""
    while failure_of(sys.stdout) is None:
        await trio.sleep(GLANCE_SECONDS)
    signal.raise_signal(signal.SIGTERM)


def _target(to: str) -> Target:
    try:
        url = parse_url(f"osc.udp://{to}")
    except ValueError as error:
        raise UsageError(f"--to {to!r}: {error}") from error
    return Target(name=TARGET, carrier=url.carrier, host=url.host, port=url.port)
