"""What `beatsync feed` shows: how good each feed is, in a width that there is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from beatsync.terminal.feed_view import BARS, PLAIN_BARS, plain_lines, sparkline, view_lines

QUALITY = {
    "state": "locked",
    "error_ms": 0.4,
    "observations_per_second": 18.62,
    "age": 0.031,
    "refused": 0,
    "last_break": {"ago": 12.3, "why": "a jump: the source says so"},
}
FEED = {
    "name": "mpv /run/mpv.sock",
    "leads": True,
    "state": "connected",
    "source": "mpv 0.35.1 at /run/mpv.sock",
    "reason": None,
    "observations": 341,
    "ignored": {},
    "troubles": 0,
    "quality": QUALITY,
    "accuracy": "A",
    "promise_ms": 5.0,
    "offset_ms": -160.0,
    "residuals_ms": [0.0, -0.4, 0.1, 0.4],
}
VIEW = {
    "time": "2026-11-24T20:00:00.000+00:00",
    "deck": "main",
    "position": 62.345,
    "playing": True,
    "rate": 1.0001,
    "plays": "song.flac",
    "feeds": [FEED],
}


def view(**of_feed: Any) -> dict[str, Any]:
    """A view of one feed, of which some things are otherwise."""
    return VIEW | {"feeds": [FEED | of_feed]}


def test_a_good_feed_is_told_by_where_it_stands_how_well_and_how_it_scatters() -> None:
    assert view_lines(VIEW, 100) == [
        "deck main plays at 1:02.345, at 1.0001 of its rate: song.flac",
        "",
        "mpv /run/mpv.sock",
        "  source     mpv 0.35.1 at /run/mpv.sock answers",
        "  followed   locked, within 0.4 ms; class A promises 5 ms",
        "  heard      18.6 readings a second, the last 0.03 s ago",
        "  residuals  ▅▁▅█  ▁ -0.5 ms  █ +0.5 ms",
        "             scatter 0.3 ms, from -0.4 to +0.4 ms",
        "  offset     -160 ms",
        "  last break 0:12 ago: a jump: the source says so",
    ]


def test_one_line_says_as_much() -> None:
    (line,) = plain_lines(VIEW)
    assert line.split("  ") == [
        "mpv /run/mpv.sock",
        "1:02.345 x 1.0001",
        "locked, within 0.4 ms",
        "18.6 readings a second, the last 0.03 s ago",
        "▅▁▅█ +-0.5 ms",
    ]


def test_why_a_feed_is_in_trouble_and_what_was_not_taken_is_said() -> None:
    shown = view(
        state="troubled",
        reason="mpv at /run/mpv.sock is not there: connection refused; start it",
        ignored={"a position that is not a number": 3},
        quality=QUALITY | {"state": "waiting", "error_ms": None, "age": None, "refused": 2, "last_break": None},
        residuals_ms=[],
    )
    text = "\n".join(view_lines(shown, 140))
    assert "troubled: mpv at /run/mpv.sock is not there: connection refused; start it" in text
    assert "followed   waiting; class A" in text
    assert "not heard yet" in text
    assert "2 refused (too old, twice, or out of all bounds); ignored: 3 x a position that is not a number" in text
    assert "residuals" not in text
    assert "troubled: " in plain_lines(shown)[0]


def test_where_nothing_is_known_or_nothing_moves_that_is_said() -> None:
    assert view_lines(VIEW | {"position": None, "playing": False, "plays": None}, 80)[0] == (
        "deck main nothing is known of playback"
    )
    assert view_lines(VIEW | {"playing": False}, 80)[0] == "deck main stands at 1:02.345: song.flac"


def test_of_several_feeds_the_one_that_leads_is_marked() -> None:
    both = VIEW | {
        "feeds": [FEED, FEED | {"name": "osc port 9000", "leads": False, "accuracy": "D", "promise_ms": None}]
    }
    lines = view_lines(both, 80)
    assert "mpv /run/mpv.sock  (leads)" in lines
    assert "osc port 9000" in lines
    assert "class D promises nothing" in "\n".join(lines)
    assert [line.split("  ")[0] for line in plain_lines(both)] == ["mpv /run/mpv.sock (leads)", "osc port 9000"]
    assert "1:02.345" not in plain_lines(both)[1]


@pytest.mark.parametrize(
    ("residuals", "drawn", "scale"),
    [
        ([], "", 0.1),
        ([0.0], "▅", 0.1),
        ([-0.1, 0.1], "▁█", 0.1),
        ([-3.0, 0.0, 3.0], "▂▅▇", 5),
        ([-22.7, -11.0, 0.0], "▃▄▅", 50),
        ([1e9], "█", 5000),
    ],
)
def test_a_sparkline_has_its_middle_at_nothing_and_says_its_scale(
    residuals: list[float], drawn: str, scale: float
) -> None:
    assert sparkline(residuals) == (drawn, scale)


@given(
    st.lists(st.floats(-1e6, 1e6), max_size=300),
    st.integers(0, 200),
    st.sampled_from([BARS, PLAIN_BARS]),
    st.text(max_size=80),
)
def test_no_line_is_wider_than_the_terminal(residuals: list[float], width: int, bars: str, named: str) -> None:
    shown = view(residuals_ms=residuals, name=named) | {"plays": named}
    assert all(cell_len(line) <= max(width, 1) for line in view_lines(shown, width, bars=bars))
    assert plain_lines(shown, bars=bars)
