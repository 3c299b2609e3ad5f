"""Writing a trace while the show goes on: what does not fit is dropped and counted, the show waits for nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TypeAlias

import msgspec

from beatsync.clock import Clock
from beatsync.conductor.report import Report
from beatsync.config.configuration import USUAL_HAND_BACK, FollowFeeds
from beatsync.core.playback import Jumped
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs
from beatsync.decks.deck import Deck
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.record import Decided, Entry, Loaded
from beatsync.errors import TraceError
from beatsync.terminal.line_writer import LineWriter
from beatsync.traces.lines import VERSION, DeckLine, EndLine, FeedLine, Line, LostLine, TraceLine, line_of

QUEUE_LENGTH = 100_000
"""A minute of what eight decks have to tell: a disk that stands still for longer is broken."""


Item: TypeAlias = Entry | Report | Line


class TraceWriter:
    """One session of a trace."""

    def __init__(self, lines: LineWriter[Item], clock: Clock) -> None:
        """`lines`: where they go."""
        self._lines = lines
        self._clock = clock
        self._begun = False

    def begin(self, ensemble: Ensemble) -> None:
        """The session begins, with what is loaded now."""
        for line in first_lines(ensemble, self._clock):
            self._lines.put(line)
        self._begun = True

    @property
    def failure(self) -> str | None:
        """Why nothing is kept any more; None while all is well."""
        return None if self._lines.failure is None else str(self._lines.failure.strerror).lower()

    def put(self, what: Entry | Report) -> None:
        """Keep something; nothing before the session has begun."""
        if self._begun:
            self._lines.put(what)


@contextmanager
def trace_writer(path: Path, clock: Clock) -> Iterator[TraceWriter]:
    """Add a session to a trace file, which is made if need be. Raises TraceError where it cannot be written."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise TraceError(f"{path}: the trace cannot be written: {error.strerror}; name another file") from error
    with (
        TextIOWrapper(os.fdopen(file, "wb"), encoding="utf-8", newline="\n") as stream,
        LineWriter(stream, _rendered, render_dropped=_dropped, length=QUEUE_LENGTH) as lines,
    ):
        try:
            yield TraceWriter(lines, clock)
        finally:
            lines.put(EndLine(clock.now()))


def first_lines(ensemble: Ensemble, clock: Clock) -> list[Line]:
    """How things stand when a session begins."""
    now, path = clock.now(), str(ensemble.configuration.path)
    decks = {name: _led_by(deck) for name, deck in ensemble.decks.items()}
    lines: list[Line] = [TraceLine(VERSION, now, clock.wall(), path, decks)]
    for name, deck in ensemble.decks.items():
        if deck.material is not None:
            lines.append(line_of(Loaded(now, name, deck.material.name, deck.repertoire.place)))
        if deck.transport is not None:
            lines.append(line_of(Decided(now, name, _taken_over(deck.transport, now))))
    return lines


def _led_by(deck: Deck) -> DeckLine:
    clock = deck.choice.clock
    if not isinstance(clock, FollowFeeds):
        return DeckLine((), USUAL_HAND_BACK)
    feeds = zip(deck.state().feeds, clock.feeds, strict=True)
    lines = (FeedLine(feed.health.name, feed.character, choice.following) for feed, choice in feeds)
    return DeckLine(tuple(lines), clock.hand_back)


def _taken_over(transport: Transport, now: HostNs) -> Jumped:
    return Jumped(transport=transport, went_from=None, went_to=transport.position_at(now), why="taken over")


def _rendered(item: Item) -> str:
    return as_text(item if isinstance(item, Line) else line_of(item))


def _dropped(count: int) -> str:
    return as_text(LostLine(count))


def as_text(line: Line) -> str:
    """A line as it is written, with its end."""
    return msgspec.json.encode(line).decode() + "\n"
