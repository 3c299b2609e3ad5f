"""The running log: cues, notes and progress, as text for a terminal or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

import click
from rich.cells import cell_len, set_cell_size

from beatsync.conductor.report import Report
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, WallNs, clock_face
from beatsync.core.verdicts import Verdict
from beatsync.terminal.cue_lines import cue_line, cue_record, skipped_line

_COLOURS: Final = {
    Verdict.SENT: "green",
    Verdict.LATE: "yellow",
    Verdict.DROPPED: "red",
    Verdict.FAILED: "red",
    Verdict.SKIPPED: "bright_black",
    Verdict.SUPPRESSED: "bright_black",
}
_BAR_CELLS: Final = 24
_SHORTEST_BAR: Final = 8
_GAP: Final = "  "
_USUAL_COLUMNS: Final = 80
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

    def __init__(
        self,
        form: LogFormat,
        wall_of: Callable[[HostNs], WallNs],
        *,
        terminal: bool,
        stamped: bool,
        columns: Callable[[], int] = lambda: _USUAL_COLUMNS,
    ) -> None:
        """`terminal`: colours and a progress line may be used; `stamped`: lines begin with the time of day; `columns`:
        how wide the terminal is now.
        """
        self._form = form
        self._columns = columns
        self._wall_of = wall_of
        self._terminal = terminal
        self._stamped = stamped
        self._progress = ""
        self._skipped: list[Report] = []

    def render(self, item: Item) -> str:
        """The text to write for `item`, with its line ends; empty where there is nothing to show yet.

        For people a run of skipped cues is one line, which comes when something else follows, or as the rest.
        """
        if self._form is LogFormat.JSON:
            return "" if isinstance(item, Progress) else self._json(item)
        if isinstance(item, Report) and item.outcome.verdict is Verdict.SKIPPED:
            before = "" if self._goes_with_the_skipped(item) else self.render_rest()
            self._skipped.append(item)
            return before
        return self.render_rest() + self._shown(item)

    def render_rest(self) -> str:
        """The cues that have been skipped, and were held back to be told at once."""
        skipped, self._skipped = self._skipped, []
        if len(skipped) > 1:
            first, last = skipped[0], skipped[-1]
            return self._line(first.at, self._coloured(skipped_line(len(skipped), first, last), Verdict.SKIPPED))
        return "".join(self._shown(report) for report in skipped)

    def _goes_with_the_skipped(self, report: Report) -> bool:
        return not self._skipped or report.outcome.reason == self._skipped[-1].outcome.reason

    def _shown(self, item: Item) -> str:
        if isinstance(item, Progress):
            if not self._terminal:
                return ""
            self._progress = progress_line(item, self._columns() - 1)
            return _CLEAR_LINE + self._progress
        if isinstance(item, Remark) and item.last:
            self._progress, clear = "", _CLEAR_LINE if self._progress else ""
            return clear + self._stamp(item.at) + self._text(item) + "\n"
        return self._line(item.at, self._text(item))

    def _line(self, at: HostNs, text: str) -> str:
        line = self._stamp(at) + text + "\n"
        return f"{_CLEAR_LINE}{line}{self._progress}" if self._progress else line

    def render_dropped(self, count: int) -> str:
        """What stands in place of so many items that were dropped since the log was not read fast enough."""
        if self._form is LogFormat.JSON:
            return json.dumps({"event": "dropped", "lines": count}) + "\n"
        return f"({count} lines dropped: the log was not read fast enough)\n"

    def _text(self, item: Report | Remark) -> str:
        if isinstance(item, Remark):
            return click.style(item.text, fg="yellow", bold=True) if item.grave and self._terminal else item.text
        return self._coloured(cue_line(item), item.outcome.verdict)

    def _coloured(self, text: str, verdict: Verdict) -> str:
        return click.style(text, fg=_COLOURS[verdict]) if self._terminal else text

    def _json(self, item: Report | Remark) -> str:
        record = item.record if isinstance(item, Remark) else cue_record(item)
        time = datetime.fromtimestamp(self._wall_of(item.at) / NS_PER_SECOND, UTC).isoformat(timespec="microseconds")
        return json.dumps({"time": time, **record}, ensure_ascii=False, allow_nan=False) + "\n"

    def _stamp(self, at: HostNs) -> str:
        if not self._stamped:
            return ""
        local = datetime.fromtimestamp(self._wall_of(at) / NS_PER_SECOND, UTC).astimezone()
        return local.strftime("%H:%M:%S.") + f"{local.microsecond // 1000:03d}  "


def progress_line(progress: Progress, width: int) -> str:
    """`████░░░░  0:31.2 / 1:31.4  Drop 1 · bar 17  231 sent`, of at most `width` cells: what matters least goes."""
    times = f"{clock_face(progress.position)} / {clock_face(progress.duration)}"
    parts = [times, progress.place, progress.totals]
    while len(parts) > 1 and cell_len(_GAP.join(parts)) > width:
        parts.pop()
    line = _GAP.join(part for part in parts if part)
    room = min(width - cell_len(line) - len(_GAP), _BAR_CELLS)
    if room >= _SHORTEST_BAR:
        share = min(max(progress.position / progress.duration, 0.0), 1.0)
        done = round(share * room)
        line = "█" * done + "░" * (room - done) + _GAP + line
    return set_cell_size(line, min(cell_len(line), max(width, 0)))
