"""The running log of `run` and `demo`: what happens to decks, targets and the conductor, beside the cues."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from shutil import get_terminal_size
from typing import Any, TextIO

from beatsync.clock import Clock
from beatsync.conductor.tally import Totals
from beatsync.core.notes import Note
from beatsync.core.units import HostNs, WallNs
from beatsync.decks.news import News
from beatsync.terminal.cue_log import CueLog, Item, LogFormat, Remark
from beatsync.terminal.line_writer import LineWriter
from beatsync.terminal.summary import summary_line, summary_record


@dataclass(frozen=True, slots=True)
class Log:
    """The running log: remarks from the program beside the cues."""

    writer: LineWriter[Item]
    clock: Clock

    def say(self, text: str, record: Mapping[str, Any], *, grave: bool = False) -> None:
        """`text` for people, `record` for programs."""
        self.writer.put(Remark(self.clock.now(), text, record, grave))

    def news(self, news: News) -> None:
        """Something has happened."""
        self.writer.put(
            Remark(news.at, news.text, {"event": news.event, "message": news.text, **news.fields}, news.grave)
        )

    def progress(self, text: str) -> None:
        """What the network is asked for a track."""
        self.say(text, {"event": "fetching", "message": text})

    def notes(self, notes: Iterable[Note]) -> None:
        """What was accepted with a doubt, loudly."""
        for note in notes:
            record = {"event": "note", "place": note.place, "message": note.message}
            self.say(f"note: {note}", record, grave=True)

    def summary(self, totals: Totals) -> None:
        """What became of everything."""
        self.writer.put(Remark(self.clock.now(), summary_line(totals), summary_record(totals), last=True))


def shows_progress(stream: TextIO, form: LogFormat) -> bool:
    """Whether a log on `stream` has colours, and a progress line that is kept current: somebody looks at it."""
    return form is LogFormat.TEXT and stream.isatty() and not os.environ.get("NO_COLOR")


def open_log(stream: TextIO, form: LogFormat, clock: Clock, *, stamped: bool) -> LineWriter[Item]:
    """A log on `stream`, with colours and a progress line where it is a terminal."""
    terminal = shows_progress(stream, form)
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a terminal without these characters gets their numbers
    offset = clock.wall() - clock.now()

    def wall_of(at: HostNs) -> WallNs:
        return WallNs(at + offset)

    log = CueLog(form, wall_of, terminal=terminal, stamped=stamped, columns=lambda: get_terminal_size().columns)
    return LineWriter(stream, log.render, render_dropped=log.render_dropped, render_rest=log.render_rest)
