"""The running log: cues, notes and progress, as text for a terminal or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

import click

from beatsync.conductor.report import Report
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, WallNs, clock_face
from beatsync.core.verdicts import Verdict
from beatsync.terminal.cue_lines import cue_line, cue_record

_COLOURS: Final = {
    Verdict.SENT: "green",
    Verdict.LATE: "yellow",
    Verdict.DROPPED: "red",
    Verdict.FAILED: "red",
    Verdict.SKIPPED: "bright_black",
    Verdict.SUPPRESSED: "bright_black",
}
_BAR_CELLS: Final = 24
_CLEAR_LINE: Final = "\r\x1b[K"


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Remark:
    """Anything that is not a cue: `text` for people, `record` for programs. After the `last` there is no progress."""

    at: HostNs
    text: str
    record: Mapping[str, Any]
    grave: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where playback stands; shown below the cues on a terminal, and nowhere else."""

    position: TrackNs
    duration: TrackNs
    place: str
    totals: str


Item: TypeAlias = Report | Remark | Progress


class CueLog:
    """Renders items for one stream. `wall_of` turns an instant of the host into civil time for the stamps."""

    def __init__(self, form: LogFormat, wall_of: Callable[[HostNs], WallNs], *, terminal: bool, stamped: bool) -> None:
        """`terminal`: colours and a progress line may be used; `stamped`: lines begin with the time of day."""
        self._form = form
        self._wall_of = wall_of
        self._terminal = terminal
        self._stamped = stamped
        self._progress = ""

    def render(self, item: Item) -> str:
        """The text to write for `item`, with its line ends; empty where there is nothing to show."""
        if self._form is LogFormat.JSON:
            return "" if isinstance(item, Progress) else self._json(item)
        if isinstance(item, Progress):
            if not self._terminal:
                return ""
            self._progress = progress_line(item)
            return _CLEAR_LINE + self._progress
        if isinstance(item, Remark) and item.last:
            self._progress, clear = "", _CLEAR_LINE if self._progress else ""
            return clear + self._stamp(item.at) + self._text(item) + "\n"
        line = self._stamp(item.at) + self._text(item) + "\n"
        return f"{_CLEAR_LINE}{line}{self._progress}" if self._progress else line

    def _text(self, item: Report | Remark) -> str:
        text = item.text if isinstance(item, Remark) else cue_line(item)
        if not self._terminal:
            return text
        if isinstance(item, Remark):
            return click.style(text, fg="yellow", bold=True) if item.grave else text
        return click.style(text, fg=_COLOURS[item.outcome.verdict])

    def _json(self, item: Report | Remark) -> str:
        record = item.record if isinstance(item, Remark) else cue_record(item)
        time = datetime.fromtimestamp(self._wall_of(item.at) / NS_PER_SECOND, UTC).isoformat(timespec="microseconds")
        return json.dumps({"time": time, **record}, ensure_ascii=False, allow_nan=False) + "\n"

    def _stamp(self, at: HostNs) -> str:
        if not self._stamped:
            return ""
        local = datetime.fromtimestamp(self._wall_of(at) / NS_PER_SECOND, UTC).astimezone()
        return local.strftime("%H:%M:%S.") + f"{local.microsecond // 1000:03d}  "


def progress_line(progress: Progress) -> str:
    """`━━━━━━╸━━━━━  0:31.2 / 1:31.4  Drop 1 · bar 17  231 sent`."""
    share = min(max(progress.position / progress.duration, 0.0), 1.0)
    done = round(share * _BAR_CELLS)
    bar = "█" * done + "░" * (_BAR_CELLS - done)
    times = f"{clock_face(progress.position)} / {clock_face(progress.duration)}"
    return "  ".join(part for part in (bar, times, progress.place, progress.totals) if part)
