"""What was measured with real players, for people: lines as it is found, and the table of docs/following.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

BEGIN: Final = "<!-- players:begin -->"
END: Final = "<!-- players:end -->"

Record = Mapping[str, Any]

_CHANGES: Final = (
    "| player | changes | p99 | doubled | wrong place | left out | last of the old place | first of the new "
    "| last after a pause |"
)


def rows_of(record: Record) -> list[str]:
    """Some lines on one player."""
    lines = [f"{record['player']} (goal p99 {record['goal_ms']} ms; load {record['load']:.1f})"]
    if "steady" in record:
        found = record["steady"]
        lines.append(f"  steady   {_figures(found['error_ms'])}; the player {found['player_ppm']:+.0f} ppm")
        if found["joining_ms"]:
            lines.append(f"  joining  {_figures(found['joining_ms'])}")
        if found["player_slips_ms"]:
            slips = found["player_slips_ms"]
            lines.append(
                f"  the player itself slipped {len(slips)} times: {slips[:8]} ms; "
                f"{found['left_out_beside_slips']} cues beside that are not counted"
            )
    if "changes" in record:
        found = record["changes"]
        lines.append(f"  changes  {found['made']}: {_figures(found['error_ms'])}")
        lines.append(
            f"    doubled {found['doubled']}, out of order {found['disorder']}, of a wrong place "
            f"{found['wrong_place']}, left out {found['left_out']}, place never found {found['never_found']}"
        )
        for name, key in (
            ("last cue of the old place", "last_of_old_place_ms"),
            ("first cue of the new one", "first_of_new_place_ms"),
            ("last cue after a pause", "last_after_pause_ms"),
        ):
            lines.append(f"    {name:<26} {_times(found[key])}")
    for part, books in record["books"].items():
        lines.append(
            f"  books    {part}: {books['due']} due, {dict(books['verdicts'])}; add up: {books['add_up']}; "
            f"all arrived: {books['all_arrived']}; looks in turn: {books['looks_in_turn']}"
        )
    return lines


def _figures(found: Record) -> str:
    return (
        f"{found['count']} cues: mean {found['mean']:+.2f} ms, p50 {found['p50']:+.2f}, p99 {found['p99']:.2f}, "
        f"max {found['max']:.2f}"
    )


def _times(values: Sequence[float]) -> str:
    return f"{len(values)}: median {median(values):.0f} ms, longest {max(values):.0f} ms" if values else "none"


@dataclass(frozen=True)
class Table:
    """Text that stands between two markers."""

    text: str

    def write(self, page: Path) -> None:
        """Put it there. Raises ValueError where the page has no markers."""
        before, begin, rest = page.read_text().partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise ValueError(f"{page} has no {BEGIN} with an {END} behind it")
        page.write_text(f"{before}{BEGIN}\n{self.text}{END}{after}")


def table(records: Sequence[Record], *, seconds: float, machine: str) -> Table:
    """The tables in Markdown."""
    lines = [
        f"`python -m bench players --seconds {seconds:g} --write`; {machine}. In ms; late is positive, p99 and max",
        "have no sign. The load is that of the machine.",
        "",
        "| player | cues | goal p99 | mean | p50 | p99 | max | the player's clock | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for record in records:
        if "steady" not in record:
            continue
        found = record["steady"]
        error = found["error_ms"]
        lines.append(
            f"| {record['player']} | {error['count']} | {record['goal_ms']} | {error['mean']:+.2f} | "
            f"{error['p50']:+.2f} | {error['p99']:.2f} | {error['max']:.2f} | "
            f"{found['player_ppm']:+.0f} ppm | {record['load']:.1f} |"
        )
    lines += [
        "",
        _CHANGES,
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for record in records:
        if "changes" not in record:
            continue
        found = record["changes"]
        made = ", ".join(f"{count} {kind}" for kind, count in found["made"].items() if kind != "resume")
        lines.append(
            f"| {record['player']} | {made} | {found['error_ms']['p99']:.1f} | {found['doubled']} | "
            f"{found['wrong_place']} | {found['left_out']} | {_short(found['last_of_old_place_ms'])} | "
            f"{_short(found['first_of_new_place_ms'])} | {_short(found['last_after_pause_ms'])} |"
        )
    return Table("\n".join(lines) + "\n")


def _short(values: Sequence[float]) -> str:
    return f"{median(values):.0f} ({max(values):.0f})" if values else "none"
