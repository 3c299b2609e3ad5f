"""Writes the tables of docs/timing.md, each between its own two markers, and the chart, from the results' file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.chart import chart
from bench.goals import goals
from bench.results import BUSY_LOAD, results
from bench.timing import BURST, YARDSTICK

PAGE = Path(__file__).parent.parent / "docs" / "timing.md"
CHART = PAGE.with_suffix(".svg")
Found = Mapping[str, Any]


def write() -> None:
    """Bring page and chart up to date with the results."""
    found = results()
    PAGE.write_text(page(PAGE.read_text(), found))
    if "timing" in found:
        CHART.write_text(chart(found["timing"]["found"]))


def page(text: str, found: Found) -> str:
    """The page with these results in it. Raises ValueError where a table has no place."""
    for name, table in _TABLES.items():
        text = _put(text, name, "\n".join(table(found)))
    return text


def _put(text: str, name: str, table: str) -> str:
    """The text with this between the markers of that name. Raises ValueError where they are missing."""
    first, last = f"<!-- {name}: written by the bench -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(first)
    _, closed, after = rest.partition(last)
    if not found or not closed:
        raise ValueError(f"docs/timing.md has no place for {name}")
    return f"{before}{first}\n{table}\n{last}{after}"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _taken(section: Found) -> str:
    busy = ": **a busy machine**" if section["load"] > BUSY_LOAD else ""
    return f"Taken on {section['day']}, load average before {section['load']:.1f}{busy}."


def _goals(found: Found) -> Iterator[str]:
    yield _row("scenario", "goal", "measured", "")
    yield _row("---", "---", "---", "---")
    for goal in goals(found):
        yield _row(goal.what, goal.goal, goal.measured, "met" if goal.met else f"**missed**: {goal.why}")


def _machine(found: Found) -> Iterator[str]:
    machine = found.get("machine")
    if machine:
        kind = "a virtual machine with " if machine["virtual"] else ""
        system = f"Linux {machine['kernel']}, Python {machine['python']}"
        yield f"The machine: {kind}{machine['cores']} cores of {machine['cpu']}, {system}."


def _timing(found: Found) -> Iterator[str]:
    section = found.get("timing")
    if section is None:
        return
    yield _taken(section)
    for name, table in section["found"].items():
        yield ""
        yield f"**{name}**, {table['beatsync']['due']} messages a program, µs"
        yield ""
        last = name == BURST.name
        columns = ["p50", "p99", "p99.9", "max", *(["last p50"] if last else [])]
        ratios = ["p50", "p99", *(["last p50"] if last else ["p99 of the median round"])]
        yield _row("", *columns, *(f"{ratio}, to C" for ratio in ratios))
        yield _row("---", *(["---:"] * (len(columns) + len(ratios))))
        for program, record in table.items():
            its = [_us(record[column]) for column in columns]
            beside = [_ratio(record[ratio] / max(table[YARDSTICK][ratio], 1e-6)) for ratio in ratios]
            missing = f" ({record['missing']} never came)" if record["missing"] else ""
            yield _row(f"{program}{missing}", *its, *beside)


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _us(milliseconds: float) -> str:
    us = milliseconds * 1000
    return f"{us:,.0f}" if us >= 10 else f"{us:.1f}"


def _choices(found: Found) -> Iterator[str]:
    section = found.get("choices")
    if section is None:
        return
    yield _taken(section)
    for name, ways in section["found"].items():
        yield ""
        yield _row(f"{name}; µs", "p50", "p99", "max", "the last of an instant, p50")
        yield _row("---", "---:", "---:", "---:", "---:")
        for way, record in ways.items():
            yield _row(way, *(_us(record[column]) for column in ("p50", "p99", "max", "last p50")))


def _costs(found: Found) -> Iterator[str]:
    section = found.get("costs")
    if section is None:
        return
    yield _taken(section)
    yield ""
    yield _row("show", "cues a second", "conductor", "daemon", "memory of both (PSS)")
    yield _row("---", "---:", "---:", "---:", "---:")
    for name, cost in section["found"].items():
        shares = [f"{cost[process]:.1%} of a core" for process in ("conductor", "daemon")]
        yield _row(name, f"{cost['cues_a_second']:.0f}", *shares, f"{cost['memory_mb']:.0f} MB")


def _reaction(found: Found) -> Iterator[str]:
    section = found.get("reaction")
    if section is None:
        return
    names = {
        "by command": "seek over the control socket, from its first byte to the cue that it makes due",
        "by feed": "pause said by a feed, from the datagram to the end of the look",
        "adjustments": "adjustment, from the daemon's telling to the alarm's being set",
    }
    yield _taken(section)
    yield ""
    yield _row("milliseconds", "p50", "p99", "max")
    yield _row("---", "---:", "---:", "---:")
    for name, text in names.items():
        record = section["found"][name]
        yield _row(text, *(f"{record[column]:.2f}" for column in ("p50", "p99", "max")))


def _kills(found: Found) -> Iterator[str]:
    section = found.get("kills")
    if section is not None:
        yield _taken(section)
        yield ""
        yield from (f"- {line}" for line in section["found"])


_TABLES: Mapping[str, Callable[[Found], Iterator[str]]] = {
    "goals": _goals,
    "machine": _machine,
    "timing": _timing,
    "choices": _choices,
    "costs": _costs,
    "reaction": _reaction,
    "kills": _kills,
}


if __name__ == "__main__":
    write()
