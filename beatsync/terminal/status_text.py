"""The daemon's status for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beatsync.core.units import clock_face, ns_from_seconds


def status_text(status: Mapping[str, Any]) -> str:
    """A few lines: what plays and where, the books, each target."""
    position = status.get("position")
    place = "" if position is None else f" at {clock_face(ns_from_seconds(position))}"
    lines = [f"{status['playback']}{place} of {clock_face(ns_from_seconds(status['duration']))}"]
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in status["verdicts"].items())
    lateness = status["lateness_ms"]
    lines.append(
        f"{status['due']} cues due: {verdicts or 'none yet'}; lateness p50 {lateness['p50']:.2f} ms, "
        f"p99 {lateness['p99']:.2f} ms, max {lateness['max']:.2f} ms",
    )
    if not status["cue_ahead"] and status["playback"] in {"playing", "countdown"}:
        lines.append("no cue lies ahead")
    realtime = status["conductor"]["realtime"]
    lines.append(f"conductor {status['conductor']['process']}: real-time priority: {realtime}")
    for name, target in status["targets"].items():
        detail = f" ({target['detail']})" if target["detail"] else ""
        lines.append(f"target {name}: {target['state']}, {target['sent']} sent, {target['failed']} failed{detail}")
    return "\n".join(lines)
