"""The status for people: of a deck that follows feeds, how well."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from beatsync.outputs.output import State
from beatsync.terminal.receiver_words import receiver_in_words
from beatsync.terminal.status_text import status_text
from tests.terminal.test_feed_view import FEED, QUALITY

DECK: dict[str, Any] = {
    "playback": "playing",
    "position": 62.345,
    "duration": 180.0,
    "section": "Drop 1",
    "bar": 32,
    "track": "song.json",
    "setlist": 1,
    "place": 0,
    "following": None,
    "on_air": True,
    "rate": 1.0,
    "clock": "mpv /run/mpv.sock",
    "quality": QUALITY,
    "feeds": [FEED],
    "unknown_track": None,
    "stopped": False,
    "cue_ahead": True,
}


def status_of(**of_deck: Any) -> dict[str, Any]:
    return {
        "panic": False,
        "locked": False,
        "muted": [],
        "soloed": [],
        "decks": {"main": DECK | of_deck},
        "verdicts": {},
        "due": 0,
        "lateness_ms": {"p50": 0.0, "p99": 0.0, "max": 0.0},
        "conductor": {"process": 1, "realtime": "yes", "rearm_ms": {"p50": 0, "p99": 0, "max": 0}},
        "targets": {},
    }


def shown(**of_deck: Any) -> list[str]:
    """The deck's lines."""
    return status_text(status_of(**of_deck)).splitlines()[:-2]


def test_what_keeps_cues_from_going_out_stands_first() -> None:
    status = status_of(rate=1.02) | {"panic": True, "locked": True, "muted": ["visuals"], "soloed": ["lights"]}
    assert status_text(status).splitlines()[:5] == [
        "PANIC: every target is in its safe state, and nothing goes out; over with: beatsync panic --off",
        "locked: loading, leads and reloading are refused; over with: beatsync unlock",
        "muted, and sent nothing: visuals",
        "soloed, and nothing sent to others: lights",
        "playing at 1.02 of its speed at 1:02.345 of 3:00.000, song.json (Drop 1, bar 32)",
    ]


@pytest.mark.parametrize(("lead_ms", "says"), [(40.0, ", told 40 ms early"), (-12.5, ", told 12.5 ms late"), (0.0, "")])
def test_a_lead_is_told_in_the_direction_that_it_has(lead_ms: float, says: str) -> None:
    target = {"state": "unknown", "sent": 7, "failed": 0, "detail": "", "lead_ms": lead_ms}
    last = status_text(status_of() | {"targets": {"lights": target}}).splitlines()[-1]
    assert last == f"target lights: sent over UDP, which never answers{says}; 7 sent, 0 failed"


@pytest.mark.parametrize("state", State)
def test_the_page_on_control_has_every_state_of_a_target_with_the_words_that_people_see(state: State) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "control.md").read_text()
    assert f"| `{state}` | {receiver_in_words(state)} |" in page
    script = resources.files("beatsync.control.page").joinpath("page.js").read_text()
    assert f'{state}: "{receiver_in_words(state)}"' in script


def test_a_feed_that_leads_is_told_with_its_quality() -> None:
    assert shown() == [
        "playing at 1:02.345 of 3:00.000, song.json (Drop 1, bar 32)",
        "  led by mpv /run/mpv.sock: locked, within 0.4 ms; 18.6 readings a second, the last 0.03 s ago",
        "    last break 0:12 ago: a jump: the source says so",
    ]


def test_those_that_would_lead_follow_with_what_is_amiss() -> None:
    spare = FEED | {
        "name": "osc port 9000",
        "leads": False,
        "state": "troubled",
        "reason": "cannot listen",
        "ignored": {"an unknown address": 7},
        "quality": QUALITY | {"state": "waiting", "error_ms": None, "age": None},
    }
    assert shown(feeds=[spare, FEED])[3:] == [
        "  or by osc port 9000: waiting; not heard yet; troubled: cannot listen",
        "    not taken: ignored: 7 x an unknown address",
    ]


def test_a_deck_without_feeds_is_led_by_its_own_clock() -> None:
    quality = QUALITY | {"error_ms": 0.0}
    assert shown(feeds=[], clock="its own clock", quality=quality)[1] == "  led by its own clock: locked, within 0 ms"


def test_a_deck_that_is_to_take_over_and_is_not_heard_yet_is_told_so() -> None:
    """As the answer to `on-air b --when bar` has it: the hand-over comes with the next bar."""
    decks = {"a": DECK, "b": DECK | {"on_air": False}}
    lines = status_text(status_of() | {"decks": decks, "on_air": "b"}).splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("deck")] == [
        "deck a (on air)",
        "deck b (takes over)",
    ]
    handed = decks | {"a": DECK | {"on_air": False}, "b": DECK}
    assert "deck b (on air)" in status_text(status_of() | {"decks": handed, "on_air": "b"})
    assert "takes over" not in status_text(status_of() | {"decks": handed, "on_air": "b"})
