"""What makes the conductor's process punctual: its priority, its memory, a collector that keeps quiet."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from beatsync.conductor.process.precision import (
    LONG_GAP,
    MCL_FUTURE,
    RESTS_BETWEEN_COLLECTIONS,
    RESTS_BETWEEN_SMALL_ONES,
    SHORT_GAP,
    Collector,
    what_to_lock,
)
from beatsync.conductor.process.priority import PRIORITY
from beatsync.core.units import DurationNs, ms
from tests.needs import needs

UNIT = Path(__file__).parents[3] / "systemd" / "beatsync-conductor.service"
PUNCTUAL = """
import gc, json, os
from beatsync.conductor.process.precision import Collector, make_punctual
granted = make_punctual()
try:
    room, grown = bytearray(500_000_000), "yes"
    del room
except MemoryError:
    grown = "no"
schedule = [[number] for number in range(100_000)]
unsettled = len(gc.get_objects())
Collector().settle()
print(json.dumps({
    "policy": os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK,
    "fifo": os.SCHED_FIFO,
    "priority": os.sched_getparam(0).sched_priority,
    "realtime": granted.realtime,
    "memory locked": granted.memory_locked,
    "grown": grown,
    "collecting": gc.isenabled(),
    "frozen": gc.get_freeze_count(),
    "unsettled": unsettled,
    "looked at": len(gc.get_objects()),
}))
"""


def punctual(*prefix: str) -> dict[str, Any]:
    """What a process says of itself that has asked for punctuality, and has a schedule of 100,000 cues."""
    command = [*prefix, sys.executable, "-c", PUNCTUAL]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """The generations that were collected while a test ran, of this process."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.disable()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.enable()


def rest(collector: Collector, times: int, gap: DurationNs) -> None:
    for _ in range(times):
        collector.rest(gap)


def test_the_conductor_runs_at_a_real_time_priority_that_its_unit_allows() -> None:
    """H4."""
    setpriv = needs("util-linux", "setpriv", root=True)
    told = punctual(setpriv, "--bounding-set=+sys_nice")
    assert (told["realtime"], told["policy"], told["priority"]) == ("yes", told["fifo"], PRIORITY)
    assert f"LimitRTPRIO={PRIORITY}" in UNIT.read_text().splitlines()


def test_where_real_time_priority_is_refused_it_is_done_without_and_says_why() -> None:
    """H4, on a machine that does not allow it."""
    setpriv = needs("util-linux", "setpriv", root=True)
    told = punctual(setpriv, "--bounding-set=-sys_nice")
    assert told["realtime"] == "operation not permitted"
    assert told["policy"] != told["fifo"]


def test_locked_memory_still_grows() -> None:
    """H14."""
    setpriv = needs("util-linux", "setpriv", root=True)
    told = punctual(setpriv, "--bounding-set=+ipc_lock")
    assert (told["memory locked"], told["grown"]) == ("yes", "yes")


def test_where_memory_may_not_be_locked_it_is_done_without_and_says_why() -> None:
    """H14."""
    setpriv = needs("util-linux", "setpriv", root=True)
    told = punctual(setpriv, "--bounding-set=-ipc_lock", "prlimit", "--memlock=65536")
    assert (told["memory locked"], told["grown"]) == ("cannot allocate memory", "yes")


@pytest.mark.parametrize(
    ("limit", "status", "future"),
    [
        (resource.RLIM_INFINITY, "CapEff:\t0000000000000000\n", True),
        (1 << 30, "Name:\tx\nCapEff:\t0000000000004000\n", True),
        (1 << 30, "CapEff:\t0000000000000000\n", False),
        (1 << 30, "", False),
    ],
)
def test_what_is_still_to_come_is_locked_only_where_no_limit_could_make_it_fail(
    limit: int, status: str, future: bool
) -> None:
    """H14: a schedule that is loaded later must find room."""
    assert bool(what_to_lock(limit, status) & MCL_FUTURE) is future


def test_a_schedule_that_has_come_to_stay_is_never_looked_at_by_the_collector() -> None:
    """H6: what is frozen costs a collection nothing."""
    told = punctual()
    assert told["unsettled"] > 100_000
    assert told["looked at"] < 1000
    assert told["frozen"] > 100_000


def test_the_collector_does_not_run_by_itself() -> None:
    """H6."""
    assert punctual()["collecting"] is False


def test_between_cues_that_follow_each_other_closely_nothing_is_collected(collections: list[int]) -> None:
    """H6."""
    rest(Collector(), 3 * RESTS_BETWEEN_SMALL_ONES, DurationNs(SHORT_GAP - 1))
    assert collections == []


def test_garbage_is_collected_in_a_long_gap_once_in_a_while(collections: list[int]) -> None:
    """H6."""
    collector = Collector()
    rest(collector, RESTS_BETWEEN_COLLECTIONS - 1, LONG_GAP)
    assert collections == []
    rest(collector, 1, LONG_GAP)
    assert collections == [2]
    rest(collector, RESTS_BETWEEN_COLLECTIONS - 1, LONG_GAP)
    assert collections == [2]


def test_where_no_gap_is_long_only_what_is_new_is_looked_at(collections: list[int]) -> None:
    """H6, where eight decks play at once."""
    rest(Collector(), RESTS_BETWEEN_SMALL_ONES, ms(9))
    assert collections == [0]


def test_the_conductors_own_code_is_read_at_its_priority() -> None:
    """H4: on a starved machine a conductor that is replaced would be missed for ten seconds else."""
    setpriv = needs("util-linux", "setpriv", root=True)
    code = (
        "import sys\n"
        "from beatsync.conductor.__main__ import claim_priority\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'trio', 'msgspec', 'pydantic'}])\n"
    )
    ran = subprocess.run([setpriv, "--", sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout == "[]\n"
