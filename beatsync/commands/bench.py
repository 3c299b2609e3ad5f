"""`beatsync bench`: this machine's own figures, and whether they are good for a show."""

from __future__ import annotations

import json
import os
import platform
from functools import partial
from typing import Final

import click
import trio

from beatsync.conductor.report import Precision
from beatsync.measuring.advice import advice
from beatsync.measuring.figures import PERCENTILES, Figures, written
from beatsync.measuring.host import Ticks
from beatsync.measuring.scenarios import BURST, BURST_CUES, BURST_TARGETS, SCENARIOS, Scenario, measure_all

NOT_GOOD: Final = 1
_COLUMNS: Final = (*(f"p{percent:g}" for percent in PERCENTILES), "max")


def run_bench(*, seconds: float, as_json: bool) -> int:
    """Measure for about so many seconds and print what was found; returns 0 where it is good for a show."""
    if not as_json:
        click.echo(f"Real cues to this machine itself, each stamped by the kernel as it leaves; about {seconds:g} s.\n")
        click.echo("".join(["  lateness      ", *(f"{column:>9}" for column in _COLUMNS)]))
    before = Ticks.now()
    figures, rehearsal = trio.run(partial(measure_all, seconds=seconds, told=_nothing if as_json else _tell))
    stolen = Ticks.now().stolen_since(before)
    faults = {scenario.name: scenario.faults(figures[scenario.name]) for scenario in SCENARIOS}
    good = not any(faults.values())
    precision = rehearsal.snapshot().precision
    lines = tuple(advice(precision, good=good, stolen=stolen))
    if as_json:
        record = {
            "good_for_a_show": good,
            "faults": faults,
            "milliseconds": {name: its.record() for name, its in figures.items()},
            "realtime": precision.realtime,
            "memory_locked": precision.memory_locked,
            "stolen": round(stolen, 4),
            "advice": lines,
            "machine": {"cores": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()},
        }
        click.echo(json.dumps(record, indent=2))
    else:
        _conclude(figures, precision, good=good, lines=lines)
    return 0 if good else NOT_GOOD


def _nothing(_scenario: Scenario, _figures: Figures) -> None:
    """All at the end."""


def _tell(scenario: Scenario, figures: Figures) -> None:
    faults = scenario.faults(figures)
    its = [*(figures.percentile(percent) for percent in PERCENTILES), figures.worst]
    columns = "".join(f"{written(milliseconds):>9}" for milliseconds in its)
    click.echo(f"{'!' if faults else ' '} {scenario.name:<14}{columns}   {scenario.what}")
    for fault in faults:
        click.echo(f"! {fault}")
    if scenario is BURST:
        click.echo(
            f"  the last of the {BURST_CUES * BURST_TARGETS} left after {written(figures.last)}, half of the times"
        )
    for line in figures.picture():
        click.echo(f"  {line}")
    click.echo()


def _conclude(figures: dict[str, Figures], precision: Precision, *, good: bool, lines: tuple[str, ...]) -> None:
    """The verdict, what the system grants, and what to change."""
    worst = max(its.worst for its in figures.values())
    count = sum(its.due for its in figures.values())
    if good:
        click.echo(f"good for a show: all {count} cues left, the worst {written(worst)} late; late is 20 ms and more")
    else:
        click.echo("NOT good for a show: see what is marked with !")
    click.echo(f"real-time priority: {precision.realtime}; memory locked: {precision.memory_locked}")
    for line in lines:
        click.echo(f"- {line}")
