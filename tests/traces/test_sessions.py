"""Sessions of real players that were recorded once: what is decided of their readings still sends the same cues.

`python -m tests.traces.sessions.recording` has recorded them.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.config.read import read_config_file
from beatsync.decks.preparing import Preparation
from beatsync.decks.show import prepare_show
from beatsync.traces.comparing import Kind, compare, fired_in
from beatsync.traces.lines import line_of
from beatsync.traces.reading import read_trace
from beatsync.traces.replaying import replay

SESSIONS = Path(__file__).parent / "sessions"


@pytest.mark.parametrize(("player", "within_ms"), [("mpv", 5), ("mpd", 10)])
async def test_a_recorded_session_still_sends_its_cues(player: str, within_ms: int) -> None:
    """`within_ms`: as exact as following that player is to be."""
    trace = read_trace(SESSIONS / f"{player}.jsonl")
    preparation = Preparation(environment={}, clock=SystemClock(), network=False)
    show = await prepare_show(read_config_file(SESSIONS / f"{player}.yaml"), preparation)
    again = await replay(trace, show, preparation)
    then = fired_in(trace.cues)
    differences = compare(then, fired_in(line_of(report) for report in again.reports))
    assert [one for one in differences if one.kind is not Kind.MOVED or abs(one.by) > within_ms * 10**6] == []
    assert len(then) > 40
    assert not again.remarks


@pytest.mark.parametrize("player", ["mpv", "mpd"])
def test_a_recorded_session_is_what_was_done_to_the_player(player: str) -> None:
    """So that nobody takes a session in which nothing went right for a golden one: the beats of each stretch, once."""
    fired = fired_in(read_trace(SESSIONS / f"{player}.jsonl").cues)
    beats = [_number(one.record["args"]) for one in fired if one.record["address"] == "/beat"]
    steps = [after - before for before, after in pairwise(beats)]
    jumps = [step for step in steps if step != 1]
    assert len(jumps) == 3, beats
    assert jumps[0] > 40
    assert jumps[1] < -40
    assert jumps[2] > 60


def _number(arguments: list[int]) -> int:
    bar, beat = arguments
    return 4 * (bar - 1) + beat - 1
