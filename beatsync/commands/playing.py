"""What `run` and `demo` share: a show on stage, its log on a stream, the summary at its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from shutil import get_terminal_size
from typing import Any, Final, TextIO

import trio

from beatsync.clock import Clock
from beatsync.conductor.conducted import Conducted
from beatsync.conductor.deck import Deck
from beatsync.conductor.tally import Totals
from beatsync.core.notes import Note
from beatsync.core.track import Track
from beatsync.core.units import HostNs, TrackNs, WallNs, clock_face
from beatsync.outputs.output import Health, State
from beatsync.show import Show
from beatsync.terminal.cue_log import CueLog, Item, LogFormat, Progress, Remark
from beatsync.terminal.line_writer import LineWriter
from beatsync.terminal.summary import summary_line, summary_record

PROGRESS_SECONDS: Final = 0.25
HEALTH_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Log:
    """The running log: remarks from the program beside the cues."""

    writer: LineWriter[Item]
    clock: Clock

    def say(self, text: str, record: Mapping[str, Any], *, grave: bool = False) -> None:
        """`text` for people, `record` for programs."""
        self.writer.put(Remark(self.clock.now(), text, record, grave))

    def notes(self, notes: Iterable[Note]) -> None:
        """What was accepted with a doubt, loudly."""
        for note in notes:
            record = {"event": "note", "place": note.place, "message": note.message}
            self.say(f"note: {note}", record, grave=True)

    def remark(self, text: str) -> None:
        """What people should know of the conductor's process."""
        self.say(text, {"event": "conductor", "message": text}, grave=True)

    def summary(self, totals: Totals) -> None:
        """What became of everything."""
        self.writer.put(Remark(self.clock.now(), summary_line(totals), summary_record(totals), last=True))


def open_log(stream: TextIO, form: LogFormat, clock: Clock, *, stamped: bool) -> LineWriter[Item]:
    """A log on `stream`, with colours and a progress line where it is a terminal."""
    terminal = form is LogFormat.TEXT and stream.isatty() and not os.environ.get("NO_COLOR")
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a terminal without these characters gets their numbers
    offset = clock.wall() - clock.now()

    def wall_of(at: HostNs) -> WallNs:
        return WallNs(at + offset)

    log = CueLog(form, wall_of, terminal=terminal, stamped=stamped, columns=lambda: get_terminal_size().columns)
    return LineWriter(stream, log.render, render_dropped=log.render_dropped)


def show_progress(show: Show, log: Log) -> Callable[[Deck, Conducted], Any]:
    """A companion that keeps the progress line current."""

    async def companion(deck: Deck, conductor: Conducted) -> None:
        while True:
            position = deck.state().position
            if position is not None:
                totals = summary_line(conductor.snapshot().total).partition(" · ")[0]
                log.writer.put(Progress(position, show.track.duration, place_of(show.track, position), totals))
            await trio.sleep(PROGRESS_SECONDS)

    return companion


def place_of(track: Track, position: TrackNs) -> str:
    """`Drop 1 · bar 33 · Break in 0:04.200`."""
    parts = []
    section = track.section_at(position)
    if section:
        parts.append(section.name)
    bar = track.grid.bar_at(position) if track.grid else None
    if bar:
        parts.append(f"bar {bar.number}")
    following = next((other for other in track.sections if other.start > position), None)
    if following:
        parts.append(f"{following.name} in {clock_face(following.start - position)}")
    return " · ".join(parts)


def tell_health(log: Log) -> Callable[[Deck, Conducted], Any]:
    """A companion that says when what is known of a receiver changes."""

    async def companion(_deck: Deck, conductor: Conducted) -> None:
        known: dict[str, tuple[State, str]] = {}
        while True:
            for name, health in conductor.snapshot().health.items():
                if known.get(name) != (health.state, health.detail):
                    known[name] = (health.state, health.detail)
                    _say_health(log, name, health)
            await trio.sleep(HEALTH_SECONDS)

    return companion


def _say_health(log: Log, name: str, health: Health) -> None:
    detail = f" ({health.detail})" if health.detail else ""
    way = f"{health.peer} from {health.source}" if health.source else health.peer
    record = {"event": "target", "target": name, "state": health.state, "peer": health.peer, "detail": health.detail}
    grave = health.state in {State.DEGRADED, State.DOWN}
    log.say(f"target {name}: {health.state}: {way}{detail}", record, grave=grave)
