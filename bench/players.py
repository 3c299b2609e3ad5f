"""`python -m bench players`: real players followed by real processes; when cues leave, against the players' clocks.

    --seconds N   of steady playback for each player (60); a minute at most for those that are coarse
    --changes N   seeks, pauses and changes of speed for each player (100; 0 for none)
    --seed N      which ones (1)
    --only WORD   the players whose name has it in it; again for more
    --json        figures as JSON lines
    --write       the table, between its markers in docs/following.md, player by player

A cue has left when the kernel took it from its sender. Where the player stood then is told by its own readings, on a
connection of its own: nothing of beatsync's estimate is in it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import Any, Final

from beatsync.core.units import NS_PER_SECOND, HostNs, ms
from bench.players_cases import CASES, Case, Playing
from bench.players_changes import CLOCK, Findings, breaks_of, error_of, judge, make_changes, spans_of
from bench.players_show import Show, following_show
from bench.players_table import rows_of, table
from tests.players.dense import Course, Dense, course_of

LOCK_SECONDS: Final = 2.0
"""The first cues of playback are told apart: the line is still being found."""

CHANGING_TRACK_SECONDS: Final = 180.0
EDGE_SECONDS: Final = 1.0

FINE_MS: Final = 10.0
"""Players with a goal beyond this are coarse: more of their playback tells nothing more."""

COARSE_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Figures:
    """Of errors, in ms; negative is early. `p99` and `worst`: without sign."""

    count: int
    mean: float
    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, errors: Sequence[float]) -> Figures:
        """At least one."""
        sizes = sorted(map(abs, errors))
        return cls(len(errors), fmean(errors), median(errors), sizes[int(0.99 * (len(sizes) - 1))], sizes[-1])

    def record(self) -> dict[str, float]:
        """For programs."""
        return {"count": self.count, "mean": self.mean, "p50": self.p50, "p99": self.p99, "max": self.worst}


@dataclass(frozen=True)
class Steady:
    """Of undisturbed playback. `joining`: of its first seconds; `slips`: what the player did by itself, in ms;
    `beside_slips`: how many errors lie within a second of one, and are not in the figures.
    """

    errors: Figures
    joining: Figures | None
    slips: Sequence[float]
    beside_slips: int
    ppm: float
    slow: int


@dataclass(frozen=True)
class Result:
    """Of one player. `books`: what the daemon says became of its cues; `received`: what arrived."""

    case: Case
    steady: Steady | None = None
    changes: Mapping[str, int] = field(default_factory=dict)
    findings: Findings | None = None
    books: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """For programs."""
        record: dict[str, Any] = {"player": self.case.name, "goal_ms": self.case.goal, "load": os.getloadavg()[0]}
        if self.steady is not None:
            record["steady"] = {
                "error_ms": self.steady.errors.record(),
                "joining_ms": self.steady.joining and self.steady.joining.record(),
                "player_slips_ms": self.steady.slips,
                "left_out_beside_slips": self.steady.beside_slips,
                "player_ppm": self.steady.ppm,
            }
        if self.findings is not None:
            found = self.findings
            record["changes"] = {
                "made": self.changes,
                "last_of_old_place_ms": found.old,
                "first_of_new_place_ms": found.first,
                "last_after_pause_ms": found.paused,
                "error_ms": Figures.of(found.errors).record(),
                "doubled": found.doubled,
                "disorder": found.disorder,
                "left_out": found.left_out,
                "wrong_place": found.wrong,
                "never_found": found.unanswered,
            }
        return record | {"books": self.books}


@contextmanager
def _followed(case: Case, seconds: float) -> Iterator[tuple[Playing, Show, Dense]]:
    with TemporaryDirectory(prefix="beatsync-bench-") as name:
        folder = Path(name)
        with (
            case.open(folder, seconds) as playing,
            following_show(folder, playing.feed, seconds=seconds, **playing.env) as show,
            playing.listen() as dense,
        ):
            playing.begin()
            show.places.wait_for(1)
            yield playing, show, dense


def _books(show: Show, playing: Playing) -> Mapping[str, Any]:
    """What became of everything, once nothing more falls due."""
    playing.player.pause()
    time.sleep(EDGE_SECONDS)
    status = show.settled()
    targets = status["targets"]
    received = {"places": len(show.places.heard), "looks": len(show.looks.heard)}
    return {
        "due": status["due"],
        "verdicts": status["verdicts"],
        "lateness_ms": status["lateness_ms"],
        "add_up": status["due"] == sum(status["verdicts"].values()),
        "all_arrived": all(targets[name]["sent"] == count for name, count in received.items()),
        "looks_in_turn": _in_turn([arrival.arguments for arrival in show.looks.heard]),
    }


def _in_turn(looks: Sequence[tuple[object, ...]]) -> bool:
    """Whether each look was ended before the next began, and none twice."""
    standing: object = None
    for number, on in looks:
        if on == 1 and standing == number:
            return False
        if on == 0 and standing != number:
            return False
        standing = number if on == 1 else None
    return True


def steady(case: Case, seconds: float) -> tuple[Steady, Mapping[str, Any]]:
    """Undisturbed playback for so long."""
    with _followed(case, seconds + 20) as (playing, show, dense):
        time.sleep(LOCK_SECONDS + seconds + 2 * EDGE_SECONDS)
        end = CLOCK.now()
        books = _books(show, playing)
    course = course_of(dense, window=case.window, top=case.top, apart=case.apart, breaks=[(end, 1.0)])
    return _judged(case, show, course, dense, HostNs(end - ms(1_000 * EDGE_SECONDS))), books


def _judged(case: Case, show: Show, course: Course, dense: Dense, end: HostNs) -> Steady:
    first = show.places.heard[0].at
    slips = [slip for slip in course.slips() if slip[0] < end]
    judged = [(arrival.at, error_of(arrival, course)) for arrival in show.places.heard if arrival.at < end]
    errors = [(at, error) for at, error in judged if error is not None]
    shift = fmean(error for _, error in errors) if case.tuned else 0.0
    late = [(at, error - shift) for at, error in errors if at >= first + LOCK_SECONDS * NS_PER_SECOND]
    calm = [error for at, error in late if not any(abs(at - slip) < NS_PER_SECOND for slip, _ in slips)]
    joining = [error - shift for at, error in errors if at < first + LOCK_SECONDS * NS_PER_SECOND]
    figures = Figures.of(calm)
    return Steady(
        errors=Figures(figures.count, figures.mean + shift, figures.p50 + shift, figures.p99, figures.worst),
        joining=Figures.of(joining) if joining else None,
        slips=[round(size, 2) for _, size in slips],
        beside_slips=len(late) - len(calm),
        ppm=(max(course.stretches, key=lambda stretch: len(stretch.points)).rate - 1.0) * 1e6,
        slow=dense.slow,
    )


def changed(case: Case, count: int, seed: int) -> tuple[Mapping[str, int], Findings, Mapping[str, Any]]:
    """So many things done to the player, drawn from `seed`."""
    with _followed(case, CHANGING_TRACK_SECONDS) as (playing, show, dense):
        time.sleep(LOCK_SECONDS)
        changes = make_changes(
            playing.player,
            count,
            seed=seed,
            length=CHANGING_TRACK_SECONDS,
            speed=playing.speed,
            digits=playing.digits,
        )
        end = CLOCK.now()
        books = _books(show, playing)
    course = course_of(dense, window=case.window, top=case.top, apart=case.apart, breaks=breaks_of(changes, end))
    made: dict[str, int] = {}
    for change in changes:
        made[str(change.kind)] = made.get(str(change.kind), 0) + 1
    return made, judge(show.places.heard, spans_of(changes, end), course, dense.points), books


def measure(case: Case, options: argparse.Namespace) -> Result:
    """One player."""
    result = Result(case)
    if seconds := options.seconds if case.goal <= FINE_MS else min(options.seconds, COARSE_SECONDS):
        figures, books = steady(case, seconds)
        result = Result(case, steady=figures, books={"steady": books})
    if options.changes and case.moving:
        made, findings, books = changed(case, options.changes, options.seed)
        result = Result(case, result.steady, made, findings, {**result.books, "changes": books})
    return result


def run(arguments: Sequence[str] = ()) -> None:
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(prog="python -m bench players", description="Cues against real players' clocks.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    results = []
    for case in CASES:
        if options.only and not any(word.casefold() in case.name.casefold() for word in options.only):
            continue
        if case.missing:
            print(f"left out: {case.name} needs {case.missing}")
            continue
        results.append(measure(case, options).record())
        if options.json:
            print(json.dumps(results[-1]), flush=True)
        else:
            print("\n".join(rows_of(results[-1])), flush=True)
        if options.write:
            machine = f"Python {platform.python_version()}, {os.cpu_count()} processors"
            table(results, seconds=options.seconds, machine=machine).write(Path("docs/following.md"))
