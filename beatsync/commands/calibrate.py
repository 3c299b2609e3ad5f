"""`beatsync feed --calibrate`: a feed's offset, from taps on clicks that somebody hears."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, TextIO

import click
import trio

from beatsync.clock import SystemClock
from beatsync.commands.feed import followed_deck, leave_on_signal
from beatsync.core.calibration import (
    GETTING_IN,
    LEAST,
    USUALLY_AHEAD,
    Calibrated,
    NotCalibrated,
    conclude,
    error_of_tap,
)
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_MS, DurationNs, HostNs
from beatsync.decks.watching import View, Watch
from beatsync.errors import SourceError, UsageError

ENOUGH: Final = 40
"""After so many taps it ends by itself."""

_LAST_KEYS: Final = frozenset(b"qQ\r\n\x04")
_OFF_RATE: Final = NORMAL_RATE // 100

INTRODUCTION: Final = """\
Play the click track with the player that {feed} follows (beatsync feed CONFIG --click-track clicks.wav writes one),
at its normal speed, and listen where the audience does. Tap any key on each click that you hear: {least} taps or more,
then q. The first {getting_in} are for getting in.
"""

EXPLANATION: Final = """\
  taps                  {used} of {taps} counted
  your taps             {median:+.0f} ms against the clicks of the line, scatter {spread:.0f} ms
  ahead, as everybody   {ahead:.0f} ms: people tap before a click that they hear, by 20 to 80 ms, musicians by less;
                        the keyboard takes some of that back. What you are ahead by yourself, only a feed that is
                        known to be right can tell: calibrate with that one, and say --ahead
  in doubt by chance    {doubt:.0f} ms; by how you tap, 20 ms or so. A light on /beat shows what is left

Write into the configuration, at {feed}:

    offset: {offset}ms
"""


@dataclass(slots=True)
class _Taps:
    """What was tapped so far, against the clicks of the line."""

    watch: Watch
    errors: list[DurationNs] = field(default_factory=list)
    astray: int = 0

    def take(self, at: HostNs) -> None:
        """One tap; where nothing plays, or not as recorded, it counts for nothing."""
        transport = self.watch.view(at).transport
        if transport is None or not transport.moving or abs(transport.rate - NORMAL_RATE) > _OFF_RATE:
            self.astray += 1
        else:
            self.errors.append(error_of_tap(transport.position_at(at)))


def calibrate(
    config: Path, *, deck: str | None, ahead: float | None, environment: Mapping[str, str] = os.environ
) -> None:
    """Have somebody tap, and print the offset. `ahead`: by how many ms they tap before what they hear.

    Raises UsageError where there is no terminal, SourceError where nothing can be concluded.
    """
    if not sys.stdin.isatty():
        raise UsageError("--calibrate: there is no terminal to tap on")
    clock = SystemClock()
    followed = followed_deck(config, deck, clock=clock, environment=environment)
    taps = _Taps(followed.watch(clock))
    click.echo(
        INTRODUCTION.format(feed=followed.feeds[0].name, least=GETTING_IN + LEAST, getting_in=GETTING_IN), nl=True
    )
    with _keys_at_once(sys.stdin):
        trio.run(_tap, taps, clock)
    click.echo()
    _conclude(
        taps, taps.watch.view(clock.now()), USUALLY_AHEAD if ahead is None else DurationNs(round(ahead * NS_PER_MS))
    )


def _conclude(taps: _Taps, view: View, ahead: DurationNs) -> None:
    leader = next(feed for feed in view.feeds if feed.standing.leads)
    name = leader.standing.health.name
    match conclude(taps.errors, offset=leader.following.offset, ahead=ahead):
        case NotCalibrated(reason):
            raise SourceError(f"{name}: {reason}")
        case Calibrated() as found:
            click.echo(
                EXPLANATION.format(
                    feed=name,
                    used=found.used,
                    taps=found.taps,
                    median=found.median / NS_PER_MS,
                    spread=found.spread / NS_PER_MS,
                    ahead=ahead / NS_PER_MS,
                    doubt=found.doubt / NS_PER_MS,
                    offset=round(found.offset / NS_PER_MS),
                )
            )


async def _tap(taps: _Taps, clock: SystemClock) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(taps.watch.run)
        nursery.start_soon(leave_on_signal, nursery.cancel_scope)
        nursery.start_soon(_show_on, taps, clock)
        await _hear_keys(taps, clock)
        nursery.cancel_scope.cancel()


async def _hear_keys(taps: _Taps, clock: SystemClock) -> None:
    """Until the last key, or enough taps."""
    descriptor = sys.stdin.fileno()
    while len(taps.errors) < ENOUGH:
        await trio.lowlevel.wait_readable(descriptor)
        at = clock.now()
        keys = os.read(descriptor, 64)
        if not keys or _LAST_KEYS & set(keys):
            return
        taps.take(at)


async def _show_on(taps: _Taps, clock: SystemClock) -> None:
    while True:
        click.echo(f"\r\x1b[K{_progress(taps, taps.watch.view(clock.now()))}", nl=False)
        await trio.sleep(0.25)


def _progress(taps: _Taps, view: View) -> str:
    quality = next(feed.standing.quality for feed in view.feeds if feed.standing.leads)
    if not taps.errors:
        hint = "tap on the clicks" if view.transport and view.transport.moving else "nothing plays yet"
        return f"{quality.state}; {hint}" + (f" ({taps.astray} taps for nothing)" if taps.astray else "")
    middle = median(taps.errors[-LEAST:]) / NS_PER_MS
    return f"{quality.state}; {len(taps.errors)} taps, the last ones {middle:+.0f} ms; q ends"


@contextmanager
def _keys_at_once(terminal: TextIO) -> Iterator[None]:
    """Keys come as they are pressed, unseen; the terminal is as before whatever happens."""
    descriptor = terminal.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
