"""`beatsync bench`: this machine's own figures, and whether they are good for a show."""

from __future__ import annotations

import json
import os
import platform
from functools import partial
from typing import Final

import click
import trio

from beatsync.measuring.advice import advice
from beatsync.measuring.figures import PERCENTILES, Figures
from beatsync.measuring.scenarios import SCENARIOS, Scenario, measure_all

NOT_GOOD: Final = 1


def run_bench(*, seconds: float, as_json: bool) -> int:
    """Measure for about so many seconds and print what was found; returns 0 where it is good for a show."""
    if not as_json:
        click.echo(f"Real cues to this machine itself, each stamped by the kernel as it leaves; about {seconds:g} s.\n")
        click.echo("".join(["  lateness, ms  ", *(f"{f'p{percent:g}':>9}" for percent in PERCENTILES), f"{'max':>9}"]))
    figures, rehearsal = trio.run(partial(measure_all, seconds=seconds, told=_nothing if as_json else _tell))
    good = all(scenario.is_good(figures[scenario.name]) for scenario in SCENARIOS)
    precision = rehearsal.snapshot().precision
    lines = tuple(advice(precision, good=good))
    if as_json:
        machine = {"cores": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()}
        record = {
            "good_for_a_show": good,
            "milliseconds": {name: its.record() for name, its in figures.items()},
            "realtime": precision.realtime,
            "memory_locked": precision.memory_locked,
            "advice": lines,
            "machine": machine,
        }
        click.echo(json.dumps(record, indent=2))
    else:
        click.echo("good for a show" if good else "NOT good for a show: see what is marked with !")
        for line in lines:
            click.echo(f"- {line}")
    return 0 if good else NOT_GOOD


def _nothing(_scenario: Scenario, _figures: Figures) -> None:
    """All at the end."""


def _tell(scenario: Scenario, figures: Figures) -> None:
    mark = " " if scenario.is_good(figures) else "!"
    columns = [f"{figures.percentile(percent):9.2f}" for percent in PERCENTILES]
    click.echo(f"{mark} {scenario.name:<14}{''.join(columns)}{figures.worst:9.2f}   {scenario.what}")
    if figures.missing:
        click.echo(f"  {figures.missing} of {figures.due} never came")
    for line in figures.picture():
        click.echo(f"  {line}")
    click.echo()
