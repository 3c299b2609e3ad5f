"""`beatsync feed`: how good a deck's feeds are, live; before the show, and without sending any cue."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import Any, Final, Never, TextIO

import msgspec
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import Configuration, DeckChoice, FollowFeeds
from beatsync.config.read import read_config_file
from beatsync.control.socket_path import control_socket_path
from beatsync.control.status import feed_record
from beatsync.core.observation import Accuracy
from beatsync.core.position_units import Place, nowhere, placement
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, WallNs, seconds_from_ns
from beatsync.decks.player_tracks import described
from beatsync.decks.preparing import Preparation
from beatsync.decks.show import first_of
from beatsync.decks.watching import View, Watch, Watched
from beatsync.errors import BeatsyncError, SourceError, UsageError
from beatsync.feeds.feed import Feed
from beatsync.feeds.keeping import FeedRemark
from beatsync.feeds.making import feed_of
from beatsync.terminal.feed_view import BARS, PLAIN_BARS, plain_lines, view_lines

LIVE_SECONDS: Final = 0.25
LINE_SECONDS: Final = 1.0
PROMISES: Final = {Accuracy.A: 5.0, Accuracy.B: 10.0, Accuracy.C: 30.0, Accuracy.D: None}
"""In ms: cues against the player's own clock, steady, 99 of 100."""

_CREDENTIALS: Final = struct.Struct("@iII")
_HERE: Final = "the running beatsync has it: see beatsync status, or stop it to watch this feed here"


@dataclass(frozen=True, slots=True)
class FollowedDeck:
    """A deck whose feeds are looked at. `feeds`: as the configuration names them, none of them opened."""

    choice: DeckChoice
    follow: FollowFeeds
    feeds: tuple[Feed, ...]

    def watch(self, clock: SystemClock) -> Watch:
        """Follow them."""
        return Watch(self.choice.name, self.feeds, self.follow, clock=clock, remark=_shown_anyway)


def watch_feeds(
    config: Path,
    *,
    deck: str | None,
    seconds: float | None,
    as_json: bool,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Show the feeds of a deck, the first where none is named, until Ctrl-C or for so long.

    Raises SourceError where nothing was heard of any.
    """
    clock = SystemClock()
    followed = followed_deck(config, deck, clock=clock, environment=environment)
    watch = followed.watch(clock)
    record_of = _Recorder(clock, environment).record
    show = _shower(sys.stdout, as_json=as_json)
    trio.run(_watch, watch, seconds, lambda: show(record_of(watch.view(clock.now()))), show.seconds)
    view = watch.view(clock.now())
    if not any(feed.standing.health.observations for feed in view.feeds):
        raise SourceError(f"nothing was heard: {'; '.join(map(_silence, view.feeds))}")


def followed_deck(
    config: Path, name: str | None, *, clock: SystemClock, environment: Mapping[str, str]
) -> FollowedDeck:
    """The deck. Raises ConfigError; UsageError where there is none of that name, or nothing leads it but itself."""
    configuration = read_config_file(config)
    decks = configuration.decks
    if name is not None and name not in decks:
        raise UsageError(f"--deck {name}: there is no such deck; there are {', '.join(decks)}")
    choice = next(iter(decks.values())) if name is None else decks[name]
    follow = choice.clock
    if not isinstance(follow, FollowFeeds):
        raise UsageError(f"deck {choice.name} follows no feed: it leads itself; give it one with clock: {{feed: ...}}")
    place = trio.run(_place, configuration, choice, clock, environment)
    feeds = [feed_of(feed, clock=clock, place=place, environment=environment) for feed in follow.feeds]
    return FollowedDeck(choice, follow, tuple(feeds))


async def _place(
    configuration: Configuration, deck: DeckChoice, clock: SystemClock, environment: Mapping[str, str]
) -> Place:
    """Where beats and fractions lie in the deck's first track; nowhere without it, which only those feeds mind."""
    track = first_of(deck)
    if track is None:
        return nowhere
    preparation = Preparation(environment=environment, clock=clock, stdin=sys.stdin.buffer, network=False)
    try:
        material = await preparation.material(configuration, deck, track)
    except BeatsyncError:
        return nowhere
    return placement(material.track)


def _shown_anyway(_remark: FeedRemark) -> None:
    """What a feed says of itself is part of what is shown."""


async def _watch(watch: Watch, seconds: float | None, show: Callable[[], None], every: float) -> None:
    broken: BrokenPipeError | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        nursery.start_soon(leave_on_signal, nursery.cancel_scope)
        with trio.move_on_after(float("inf") if seconds is None else seconds):
            try:
                await _show_on(show, every)
            except BrokenPipeError as error:
                broken = error
        nursery.cancel_scope.cancel()
    if broken is not None:
        raise broken


async def _show_on(show: Callable[[], None], every: float) -> Never:
    while True:
        await trio.sleep(every)
        show()


async def leave_on_signal(scope: trio.CancelScope) -> None:
    """Ctrl-C and the like are the usual way out."""
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        async for _ in signals:
            scope.cancel()


def _silence(feed: Watched) -> str:
    health = feed.standing.health
    return (
        health.reason
        or f"{health.name}: {f'{health.source} answers, and says nothing' if health.source else 'nothing'}"
    )


# What is shown


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Views as JSON-safe values."""

    clock: SystemClock
    environment: Mapping[str, str]

    def record(self, view: View) -> Mapping[str, Any]:
        transport = view.transport
        wall = WallNs(self.clock.wall() - self.clock.now() + view.at)
        return {
            "time": datetime.fromtimestamp(wall / NS_PER_SECOND, UTC).isoformat(timespec="milliseconds"),
            "deck": view.deck,
            "position": None if transport is None else seconds_from_ns(transport.position_at(view.at)),
            "playing": transport is not None and transport.moving,
            "rate": None if transport is None else transport.rate / NORMAL_RATE,
            "plays": described(view.track) if view.track else None,
            "feeds": [self._feed(feed, view) for feed in view.feeds],
        }

    def _feed(self, feed: Watched, view: View) -> Mapping[str, Any]:
        record: dict[str, Any] = msgspec.to_builtins(feed_record(feed.standing, view.at))
        if record["reason"] and self._is_held_by_the_daemon(record["reason"]):
            record["reason"] = f"{record['reason']}: {_HERE}"
        accuracy = feed.standing.character.accuracy
        return record | {
            "accuracy": accuracy,
            "promise_ms": PROMISES[accuracy],
            "offset_ms": feed.following.offset / NS_PER_MS,
            "residuals_ms": [round(residual / NS_PER_MS, 4) for residual in feed.residuals],
        }

    def _is_held_by_the_daemon(self, reason: str) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(control_socket_path(self.environment))) != 0:
                return False
            number, _, _ = _CREDENTIALS.unpack(
                probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
        return f" by process {number} (" in reason


@dataclass(slots=True)
class _Shower:
    """Writes one view after another. `seconds`: how often."""

    out: TextIO
    seconds: float
    bars: str
    live: bool
    as_json: bool
    drawn: int = 0

    def __call__(self, record: Mapping[str, Any]) -> None:
        if self.as_json:
            self._write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
        elif self.live:
            self._draw(record)
        else:
            self._write("".join(f"{line}\n" for line in plain_lines(record, bars=self.bars)))

    def _draw(self, record: Mapping[str, Any]) -> None:
        columns, rows = get_terminal_size()
        lines = [*view_lines(record, columns - 1, bars=self.bars), "", "Ctrl-C ends"][: max(rows - 1, 1)]
        back = f"\x1b[{self.drawn}F\x1b[J" if self.drawn else ""
        self.drawn = len(lines)
        self._write(back + "".join(f"{line}\n" for line in lines))

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()


def _shower(out: TextIO, *, as_json: bool) -> _Shower:
    live = out.isatty() and not as_json
    return _Shower(out, LIVE_SECONDS if live else LINE_SECONDS, bars_for(out), live, as_json)


def bars_for(out: TextIO) -> str:
    """Those that the terminal has."""
    try:
        BARS.encode(out.encoding or "ascii")
    except UnicodeEncodeError:
        return PLAIN_BARS
    return BARS
