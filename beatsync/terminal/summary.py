"""What is said every minute and at the end: how many cues, what became of them, how late they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beatsync.conductor.report import Snapshot
from beatsync.conductor.tally import Totals
from beatsync.core.histogram import Histogram
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND
from beatsync.core.verdicts import Verdict


def summary_line(totals: Totals) -> str:
    """`842 cues due: 842 sent, 0 late, 0 dropped · lateness p50 0.41 ms, p99 1.92 ms, max 3.10 ms`."""
    counts = [f"{totals.of(verdict)} {verdict}" for verdict in (Verdict.SENT, Verdict.LATE, Verdict.DROPPED)]
    rarer = (Verdict.SKIPPED, Verdict.SUPPRESSED, Verdict.FAILED)
    counts += [f"{totals.of(verdict)} {verdict}" for verdict in rarer if totals.of(verdict)]
    if totals.queued:
        counts.append(f"{totals.queued} never taken by a slow receiver")
    figures = ", ".join(f"{name} {ms:.2f} ms" for name, ms in figures_ms(totals.lateness).items())
    return f"{totals.due} cues due: {', '.join(counts)}" + (f" · lateness {figures}" if totals.lateness.count else "")


def summary_record(totals: Totals) -> Mapping[str, Any]:
    """The same as a JSON object."""
    return {
        "event": "summary",
        "due": totals.due,
        "queued": totals.queued,
        "verdicts": {verdict: totals.of(verdict) for verdict in Verdict},
        "lateness_ms": figures_ms(totals.lateness),
    }


def figures_ms(durations: Histogram) -> Mapping[str, float]:
    """p50, p99 and max in milliseconds."""
    return {
        "p50": durations.percentile(50) / NS_PER_MS,
        "p99": durations.percentile(99) / NS_PER_MS,
        "max": durations.max / NS_PER_MS,
    }


def minute_line(now: Snapshot, before: Snapshot) -> str:
    """`the last minute: lights: 240 cues due: 240 sent, ...; woke 0.2 s ago; real-time priority: yes`."""
    parts = [f"{name}: {summary_line(totals)}" for name, totals in _since(now, before).items()]
    woke = f"woke {(now.at - now.woke) / NS_PER_SECOND:.1f} s ago"
    return f"the last minute: {'; '.join(parts)}; {woke}; real-time priority: {now.precision.realtime}"


def minute_record(now: Snapshot, before: Snapshot) -> Mapping[str, Any]:
    """The same as a JSON object."""
    return {
        "event": "minute",
        "targets": {
            name: {
                "due": totals.due,
                "queued": totals.queued,
                "verdicts": dict(totals.verdicts),
                "lateness_ms": figures_ms(totals.lateness),
            }
            for name, totals in _since(now, before).items()
        },
        "seconds_since_wake": (now.at - now.woke) / NS_PER_SECOND,
        "realtime": now.precision.realtime,
    }


def _since(now: Snapshot, before: Snapshot) -> Mapping[str, Totals]:
    """Of each target to which something was due, what has been entered since."""
    parts = {name: totals.since(before.totals.get(name, Totals())) for name, totals in now.totals.items()}
    return {name: totals for name, totals in parts.items() if totals.due}
