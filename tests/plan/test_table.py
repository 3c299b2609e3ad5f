"""The plan as a table, as it arrives in a pipe and on a narrow terminal."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from rich.cells import cell_len
from rich.console import Console

from beatsync.core.notes import Note
from beatsync.core.units import clock_face
from beatsync.plan.table import plan_table
from tests.plan.shows import HOSTILE, SECTIONS, PlannedShow, computed, default_show, rule, show_of, shows, track_of


def printed(show: PlannedShow, *, width: int = 80, terminal: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        legacy_windows=False,
        _environ={},
    )
    console.print(plan_table(show.track, show.schedule, targets=show.targets, notes=show.notes))
    return stream.getvalue()


def cue_lines(text: str) -> list[str]:
    """The lines below the columns' titles."""
    lines = text.splitlines()
    titles = next(index for index, line in enumerate(lines) if line.split()[:2] == ["time", "bar"])
    return lines[titles + 1 :]


def test_the_warnings_stand_above_everything() -> None:
    show = show_of(track_of()[0], [], notes=(Note("rules[2]", "matches nothing in this track"),))
    lines = printed(show).splitlines()
    assert "1 WARNING" in lines[0]
    assert "! rules[2]: matches nothing in this track" in lines[1]


def test_the_head_tells_the_track_its_tempo_and_its_parts() -> None:
    text = " ".join(printed(default_show(pick_up=2)).split())
    assert "track 1843209165 0:32.000 · 120 bpm · 64 beats in 16 bars and a pick-up · 4 sections" in text
    assert "Intro 0:00.000 (energy 3) · Build 0:08.000 (energy 3)" in text
    assert "visuals: osc.tcp://10.0.0.9:3032" in text
    assert "40 ms early" in text


def test_a_cue_is_one_line_where_there_is_room() -> None:
    show = show_of(track_of()[0], [rule("look", SECTIONS, "/look/{label}", computed("energy"))])
    line = cue_lines(printed(show, width=120))[1]
    assert " ".join(line.split()) == "0:08.000 5.1 state lights /look/Build ,i 3 rules[0] 'look' · Build · bar 5"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    text = printed(default_show(labels=HOSTILE), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_long_message_goes_on_in_the_next_line_and_nothing_of_it_is_lost() -> None:
    show = show_of(track_of()[0], [rule("a rule with a rather long name", SECTIONS, "/an/address/" + "x" * 60)])
    lines = cue_lines(printed(show))
    assert "".join(lines).count("x") == 60 * 4
    assert sum(line.split()[0] == "0:00.000" for line in lines) == 1


def test_in_a_pipe_there_are_no_colour_codes_and_on_a_terminal_there_are() -> None:
    show = default_show(labels=HOSTILE)
    assert "\x1b" not in printed(show)
    assert "\x1b[" in printed(show, terminal=True)


def test_labels_are_no_markup_and_move_no_cursor() -> None:
    """I13."""
    show = default_show(labels=HOSTILE)
    text = printed(show, width=300)
    assert "[red]markup[/red]" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_a_show_without_cues_says_so_instead_of_showing_an_empty_table() -> None:
    assert "no cues: nothing will be sent" in printed(show_of(track_of()[0], []))


@settings(max_examples=25, deadline=None)
@given(shows())
def test_every_cue_has_its_line(show: PlannedShow) -> None:
    faces = [clock_face(cue.position) for cue in show.schedule.cues]
    text = printed(show, width=2000)
    assert [line.split()[0] for line in (cue_lines(text) if faces else [])] == faces
