"""The goals of the issue beside what was measured: the first table of docs/timing.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beatsync.measuring.figures import written
from bench.timing import BURST, BUSY, EIGHT_DECKS, IDLE, MUSICAL, OVERLOAD, YARDSTICK

OURS = "beatsync"
Found = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """One row. `measured`: the figures in words; `met`: whether they are good enough, and `why` if they are not."""

    what: str
    goal: str
    measured: str
    met: bool
    why: str


def goals(found: Found) -> Iterator[Goal]:
    """Every goal of which something has been measured; `found` are the sections of the results, by name."""
    for section, rows in _ROWS.items():
        if section in found:
            for row in rows:
                yield row(found[section]["found"])


def _beside_c(table: Found, column: str) -> float:
    return float(table[OURS][column] / max(table[YARDSTICK][column], 1e-6))


def _beside(situation: str, what: str, why: str) -> Callable[[Found], Goal]:
    def row(timing: Found) -> Goal:
        table = timing[situation]
        p50, p99 = _beside_c(table, "p50"), _beside_c(table, "p99")
        median = _beside_c(table, "p99 of the median round")
        measured = f"p50 {p50:.2f}, p99 {p99:.2f} times C's; p99 of the median round {median:.2f}"
        return Goal(what, "p50 and p99 at most 1.25 times C's", measured, max(p50, p99) <= 1.25, why)

    return row


def _overload(timing: Found) -> Goal:
    table = timing[OVERLOAD.name]
    p99, worst = _beside_c(table, "p99"), table[OURS]["max"]
    measured = f"p99 {p99:.2f} times C's; max {written(worst)} (C's: {written(table[YARDSTICK]['max'])})"
    why = "no priority helps against what a virtual machine's host takes away: C's own worst shows it"
    return Goal(OVERLOAD.name, "p99 at most 1.5 times C's, max at most 5 ms", measured, p99 <= 1.5 and worst <= 5, why)


def _burst(timing: Found) -> Goal:
    table = timing[BURST.name]
    ratio = _beside_c(table, "last p50")
    ours, theirs = table[OURS]["last p50"], table[YARDSTICK]["last p50"]
    measured = f"the last after {ours:.2f} ms, {ratio:.2f} times C's ({theirs:.2f} ms)"
    why = "100 volleys, each called from Python through ctypes, beside 500 calls from C; see volleys below"
    return Goal(BURST.name, "the last leaves within 1.5 times C's time", measured, ratio <= 1.5, why)


def _eight_decks(timing: Found) -> Goal:
    table, idle = timing[EIGHT_DECKS.name], timing[MUSICAL.name][OURS]
    p99 = _beside_c(table, "p99")
    measured = (
        f"{p99:.2f} times C's: {written(table[OURS]['p99'])}; idle, with as many messages at an instant to one target, "
        f"{written(idle['p99'])}"
    )
    why = "every message of a chord goes by another socket, which Python changes more slowly than C"
    return Goal(EIGHT_DECKS.name, "p99 as in idle: at most 1.25 times C's", measured, p99 <= 1.25, why)


def _eight_decks_cost(costs: Found) -> Goal:
    cost = costs["eight decks to eight targets"]
    both = cost["conductor"] + cost["daemon"]
    measured = (
        f"{both:.1%} of one core: {cost['conductor']:.1%} the conductor, {cost['daemon']:.1%} the daemon with its log"
    )
    what = f"the same as a real show, {cost['cues_a_second']:.0f} cues a second"
    return Goal(what, "at most 25 % of one core", measured, both <= 0.25, "")


def _one_deck(costs: Found) -> Goal:
    cost = costs["one deck to three targets"]
    both = cost["conductor"] + cost["daemon"]
    measured = f"{both:.1%} of a core, {cost['memory_mb']:.0f} MB (PSS)"
    met = both < 0.02 and cost["memory_mb"] < 120
    return Goal("one deck to three targets", "under 2 % of a core, under 120 MB for all processes", measured, met, "")


def _start(start: Found) -> Goal:
    measured = f"median {start['median']:.2f} s, at most {start['worst']:.2f} s, of {start['rounds']} starts"
    why = "Python starts twice, and reads its modules from a disk cache that other programs push it out of"
    return Goal("from command to the first cue able to fire, cold", "under 1 s", measured, start["median"] < 1, why)


def _reaction(reaction: Found) -> Goal:
    adjusted, told, fed = (reaction[name]["p99"] for name in ("adjustments", "by command", "by feed"))
    measured = (
        f"p99 {adjusted:.2f} ms from the daemon's telling to the alarm's being set; up to the cue that it makes due: "
        f"p99 {told:.2f} ms by command, {fed:.2f} ms by a feed"
    )
    why = "the daemon has no real-time priority: where the machine is busy it waits for its turn like everybody else"
    return Goal(
        "seek or adjust, from arrival in the daemon to the new deadline armed",
        "p99 under 2 ms",
        measured,
        max(adjusted, told, fed) < 2,
        why,
    )


_NOISE = (
    "a few late ones make a p99, and on this machine they come and go for C as well; the median round shows less of it"
)
_ROWS: Mapping[str, tuple[Callable[[Found], Goal], ...]] = {
    "timing": (
        _beside(IDLE.name, IDLE.name, _NOISE),
        _beside(MUSICAL.name, MUSICAL.name, _NOISE),
        _beside(BUSY.name, "daemon busy (5 MB read, a configuration compiled every second, 8 of 20 ms taken)", _NOISE),
        _overload,
        _burst,
        _eight_decks,
    ),
    "costs": (_eight_decks_cost, _one_deck),
    "start": (_start,),
    "reaction": (_reaction,),
}
