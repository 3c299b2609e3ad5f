"""`beatsync simulate`: a trace played again in virtual time, against this configuration; nothing is sent."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import trio

from beatsync.clock import SystemClock
from beatsync.conductor.report import Report
from beatsync.config.read import read_config_file
from beatsync.core.units import NS_PER_MS, HostNs, TrackNs, clock_face, seconds_from_ns
from beatsync.core.verdicts import Verdict
from beatsync.decks.preparing import Preparation
from beatsync.decks.record import Decided
from beatsync.decks.show import Show, prepare_show
from beatsync.plan.facts import counted
from beatsync.terminal.cue_lines import cue_line, cue_record
from beatsync.traces.comparing import Difference, Fired, Kind, compare, fired_in
from beatsync.traces.lines import line_of
from beatsync.traces.reading import Trace, read_trace
from beatsync.traces.replaying import Replay, replay

_MARKS = {Kind.MISSING: "-", Kind.ADDED: "+", Kind.MOVED: "~"}


@dataclass(frozen=True, slots=True)
class Simulation:
    """A trace, and what came of it this time."""

    trace: Trace
    replay: Replay

    @property
    def differences(self) -> Sequence[Difference]:
        """What is sent otherwise than it was then."""
        return compare(fired_in(self.trace.cues), self.fired)

    @property
    def fired(self) -> Sequence[Fired]:
        """What is sent now."""
        return fired_in(line_of(report) for report in self.replay.reports)

    @property
    def first_other_decision(self) -> int | None:
        """Which decision is not the one of then; None where all are."""
        then = [entry.verdict for entry in self.trace.entries if isinstance(entry, Decided)]
        now = [decided.verdict for decided in self.replay.decisions]
        differing = (place for place, (one, other) in enumerate(zip(then, now, strict=False)) if one != other)
        shorter = min(len(then), len(now)) if len(then) != len(now) else None
        return next(differing, shorter)


def print_simulation(config: Path, trace: Path, *, session: int, diff: bool, as_json: bool) -> None:
    """Print what would be sent, or with `diff` what would be sent otherwise than it was then."""
    kept = read_trace(trace, session=session)
    configuration = read_config_file(config)
    preparation = Preparation(environment=os.environ, clock=SystemClock(), network=False)

    async def play() -> tuple[Show, Replay]:
        show = await prepare_show(configuration, preparation)
        return show, await replay(kept, show, preparation)

    show, replayed = trio.run(play)
    simulation = Simulation(kept, replayed)
    lines = _records(simulation, diff=diff) if as_json else _lines(simulation, show, diff=diff)
    for line in lines:
        click.echo(json.dumps(line, ensure_ascii=False) if as_json else line)


def _lines(simulation: Simulation, show: Show, *, diff: bool) -> Iterator[str]:
    trace, begin = simulation.trace, simulation.trace.start.at
    length = clock_face(TrackNs(trace.end - begin))
    yield f"{length} of {trace.start.config}, played again with {show.configuration.path}"
    yield from (f"note: {remark}" for remark in _remarks(simulation))
    if diff:
        differences = simulation.differences
        yield from (_difference_line(difference, begin) for difference in differences)
        yield _difference_summary(simulation, differences)
        return
    yield from (f"{_since(report.at, begin)}  {cue_line(report)}" for report in simulation.replay.reports)
    yield _summary(simulation.replay.reports)


def _remarks(simulation: Simulation) -> Iterator[str]:
    trace = simulation.trace
    yield from simulation.replay.remarks
    if trace.lost:
        yield f"{counted(trace.lost, 'line')} of the trace could not be written then: this is not all that happened"
    if trace.cut_off:
        yield "the trace ends in the middle of a line, as after a crash; what was whole is played"


def _since(at: HostNs, begin: HostNs) -> str:
    return f"{clock_face(TrackNs(at - begin)):>9}"


def _summary(reports: Sequence[Report]) -> str:
    verdicts = [report.outcome.verdict for report in reports]
    told = ", ".join(f"{count} {verdict}" for verdict in Verdict if (count := verdicts.count(verdict)))
    return f"{counted(len(reports), 'cue')} due" + (f": {told}" if told else "")


def _difference_line(difference: Difference, begin: HostNs) -> str:
    fired = difference.fired
    record = fired.record
    arguments = " ".join(str(value) for value in record["args"])
    by = f"  {difference.by / NS_PER_MS:+.1f} ms" if difference.kind is Kind.MOVED else ""
    place = f"{record['bar_beat'] or '-':>6}"
    what = f"{record['target']:<10}  {record['address']} {record['types']} {arguments}".rstrip()
    return f"{_MARKS[difference.kind]} {_since(fired.due, begin)}  {place}  {what}{by}  {record['why']}"


def _difference_summary(simulation: Simulation, differences: Sequence[Difference]) -> str:
    kinds = [difference.kind for difference in differences]
    told = ", ".join(f"{count} {kind}" for kind in Kind if (count := kinds.count(kind)))
    sent = counted(len(simulation.fired), "cue")
    return f"{sent} sent: {told or 'the same as then'}"


def _records(simulation: Simulation, *, diff: bool) -> Iterator[Mapping[str, Any]]:
    trace, begin = simulation.trace, simulation.trace.start.at
    other = simulation.first_other_decision
    yield {
        "event": "simulation",
        "config": trace.start.config,
        "seconds": seconds_from_ns(trace.end - begin),
        "decisions": len(simulation.replay.decisions),
        "decisions_as_then": other is None,
        "first_other_decision": other,
        "notes": list(_remarks(simulation)),
    }
    if diff:
        for difference in simulation.differences:
            yield {
                **difference.fired.record,
                "difference": difference.kind,
                "at": seconds_from_ns(difference.fired.due - begin),
                "moved_ms": difference.by / NS_PER_MS if difference.kind is Kind.MOVED else None,
            }
        return
    for report in simulation.replay.reports:
        yield {**cue_record(report), "at": seconds_from_ns(report.at - begin)}
