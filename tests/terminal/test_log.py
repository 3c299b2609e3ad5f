"""The running log: never in the way of the show (H10), readable, and true as JSON."""

from __future__ import annotations

import errno
import io
import json
import threading
from dataclasses import replace

import pytest
from rich.cells import cell_len

from beatsync.commands.companions import place_of
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Tally, total_of
from beatsync.core.units import HostNs, TrackNs, WallNs, ms
from beatsync.core.verdicts import Verdict
from beatsync.terminal.cue_lines import cue_line, cue_record
from beatsync.terminal.cue_log import CueLog, LogFormat, Progress, Remark, progress_line
from beatsync.terminal.line_writer import LineWriter
from beatsync.terminal.summary import summary_line, summary_record
from tests.core.shows import Player, schedule, song

SONG = song("Intro 2", "Drop 2")
RULE = (
    '  - {name: looks, on: section, send: {address: "/look/{label}", args: [energy, "bpm / 100", label, {b: ff}, T]}}'
)


def report(verdict: Verdict = Verdict.SENT, reason: str = "") -> Report:
    playing = Player(schedule(SONG, RULE))
    playing.play(at=0)
    outcome = replace(playing.log[0], verdict=verdict, reason=reason)
    return Report(outcome, HostNs(outcome.due + 1_250_000), TrackNs(0))


def test_a_line_has_position_bar_target_message_lateness_and_why() -> None:
    expected = (
        """sent 0:00.000 1.1 lights /look/Intro ,ifsbT 0 1.2 "Intro" ff +1.25 ms rules[0] 'looks' · Intro · bar 1"""
    )
    assert cue_line(report()).split() == expected.split()


def test_a_cue_that_was_not_sent_says_why_not_instead_of_how_late() -> None:
    line = cue_line(report(Verdict.DROPPED, "312 ms late"))
    assert line.startswith("dropped")
    assert line.endswith("(312 ms late)")
    assert "+1.25" not in line


def test_a_record_is_json_with_everything_in_it() -> None:
    record = json.loads(json.dumps(cue_record(report()), allow_nan=False))
    assert record["verdict"] == "sent"
    assert record["args"] == [0, 1.2, "Intro", "ff", True]
    assert record["types"] == ",ifsbT"
    assert record["lateness_ms"] == 1.25
    assert record["why"] == "rules[0] 'looks' · Intro · bar 1"


def test_in_json_every_line_is_an_object_with_the_time_of_day_and_progress_is_nothing() -> None:
    log = CueLog(LogFormat.JSON, WallNs, terminal=False, stamped=False)
    lines = log.render(report()) + log.render(Remark(HostNs(0), "x", {"event": "note"}))
    assert [json.loads(line)["event"] for line in lines.splitlines()] == ["cue", "note"]
    assert json.loads(lines.splitlines()[1])["time"].startswith("1970-01-01T00:00:00")
    assert log.render(Progress(TrackNs(0), TrackNs(1), "", "")) == ""


def test_on_a_terminal_the_progress_line_stays_below_the_cues_and_goes_with_the_summary() -> None:
    log = CueLog(LogFormat.TEXT, WallNs, terminal=True, stamped=False)
    bar = log.render(Progress(TrackNs(ms(500)), TrackNs(ms(1000)), "Intro", "3 cues"))
    assert bar.endswith("0:00.500 / 0:01.000  Intro  3 cues")
    assert log.render(report()).endswith(bar.removeprefix("\r\x1b[K"))
    last = log.render(Remark(HostNs(0), "the books", {}, last=True))
    assert last == "\r\x1b[Kthe books\n"
    assert log.render(Remark(HostNs(0), "x", {})) == "x\n"


@pytest.mark.parametrize("width", [1, 20, 38, 60, 80, 200])
def test_the_progress_line_fits_the_terminal_and_keeps_what_matters_most(width: int) -> None:
    progress = Progress(TrackNs(ms(500)), TrackNs(ms(1000)), "Drop 1 · bar 17 · Break in 0:04.200", "231 sent, 0 late")
    line = progress_line(progress, width)
    assert cell_len(line) <= width
    assert (line.startswith("0:00.500 / 0:01.000") or "█" in line or width < 19) is True
    assert ("231 sent" in line) is (width >= 80)


def test_a_run_of_skipped_cues_is_one_line_for_people_and_each_its_own_for_programs() -> None:
    passed, quiet, other = (report(Verdict.SKIPPED, reason) for reason in ("a seek", "a seek", "another reason"))
    log = CueLog(LogFormat.TEXT, WallNs, terminal=False, stamped=False)
    assert [log.render(one) for one in (passed, quiet)] == ["", ""]
    assert log.render(other) == "skipped      0:00.000 to 0:00.000  2 cues (a seek)\n"
    alone, following = log.render(report()).splitlines()
    assert alone.startswith("skipped")
    assert alone.endswith("(another reason)")
    assert following.startswith("sent")
    assert log.render_rest() == ""
    lines = CueLog(LogFormat.JSON, WallNs, terminal=False, stamped=False)
    assert len((lines.render(passed) + lines.render(quiet)).splitlines()) == 2


def test_what_was_held_back_is_written_when_nothing_follows() -> None:
    stream, quiet = io.StringIO(), threading.Event()
    held: list[str] = []

    def hold(text: str) -> str:
        held.append(text)
        return ""

    def rest() -> str:
        quiet.set()
        lines = "".join(f"{text}\n" for text in held)
        held.clear()
        return lines

    writer: LineWriter[str] = LineWriter(stream, hold, render_dropped=str, render_rest=rest)
    with writer:
        writer.put("one")
        assert quiet.wait(30)
        writer.put("two")
    assert stream.getvalue() == "one\ntwo\n"


def test_lines_that_were_dropped_are_told_in_the_logs_own_form() -> None:
    text, lines = (CueLog(form, WallNs, terminal=False, stamped=False) for form in (LogFormat.TEXT, LogFormat.JSON))
    assert text.render_dropped(7) == "(7 lines dropped: the log was not read fast enough)\n"
    assert json.loads(lines.render_dropped(7)) == {"event": "dropped", "lines": 7}


class Stuck(io.StringIO):
    """A pipe that is full until it is read, or whose reader has gone."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__()
        self.gone = gone
        self.drained = threading.Event()

    def write(self, text: str) -> int:
        """Block as a full pipe does."""
        if self.gone:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        self.drained.wait()
        return super().write(text)


def test_a_log_that_nobody_reads_holds_nothing_up_and_counts_what_it_drops() -> None:
    """H10: a full pipe blocks its writer for ever."""
    stream = Stuck()
    with LineWriter(stream, str, render_dropped=str, length=10) as writer:
        for number in range(1000):
            writer.put(number)
        assert writer.dropped >= 1000 - 10 - 1
        stream.drained.set()


def test_a_log_whose_reader_has_gone_is_given_up_silently() -> None:
    """H10: EPIPE."""
    stream = Stuck(gone=True)
    with LineWriter(stream, str, render_dropped=str) as writer:
        for number in range(100):
            writer.put(number)
    assert stream.getvalue() == ""


def test_lines_are_written_in_order_and_all_of_them_before_the_end() -> None:
    stream = io.StringIO()
    writer: LineWriter[int] = LineWriter(stream, lambda number: f"{number}\n", render_dropped=str)
    with writer:
        for number in range(1000):
            writer.put(number)
    assert stream.getvalue().split() == [str(number) for number in range(1000)]


def test_the_summary_counts_what_became_of_every_cue() -> None:
    tally = Tally()
    for verdict, lateness in ((Verdict.SENT, ms(1)), (Verdict.SENT, ms(3)), (Verdict.DROPPED, None)):
        tally.fell_due("lights")
        tally.decided("lights", verdict, lateness)
    line = summary_line(total_of(tally.totals().values()))
    assert line == "3 cues due: 2 sent, 0 late, 1 dropped · lateness p50 1.00 ms, p99 3.00 ms, max 3.00 ms"
    assert summary_record(total_of(tally.totals().values()))["verdicts"]["dropped"] == 1


def test_the_place_says_section_bar_and_what_comes_next() -> None:
    assert place_of(SONG, TrackNs(ms(2100))) == "Intro · bar 2 · Drop in 0:01.900"
    assert place_of(SONG, TrackNs(ms(7900))) == "Drop · bar 4"
