"""How well a feed is followed, in words: for the status and for `beatsync feed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beatsync.core.units import clock_face, ns_from_seconds

Record = Mapping[str, Any]


def followed(quality: Record) -> str:
    """`locked, within 0.4 ms`."""
    error = "" if quality["error_ms"] is None else f", within {short_ms(quality['error_ms'])}"
    return f"{quality['state']}{error}"


def heard(quality: Record) -> str:
    """`18.6 readings a second, the last 0.03 s ago`."""
    if quality["age"] is None:
        return "not heard yet"
    return f"{quality['observations_per_second']:.1f} readings a second, the last {quality['age']:.2f} s ago"


def not_taken(feed: Record) -> str:
    """`2 refused (too late, twice, or senseless); ignored: 3 x a position that is not a number`; empty for none."""
    refused = feed["quality"]["refused"]
    parts = [f"{refused} refused (too old, twice, or out of all bounds)"] if refused else []
    if feed["ignored"]:
        reasons = ", ".join(f"{count} x {reason}" for reason, count in feed["ignored"].items())
        parts.append(f"ignored: {reasons}")
    return "; ".join(parts)


def last_break(quality: Record) -> str:
    """`0:12 ago: a jump: the source says so`; empty for none."""
    broke = quality["last_break"]
    if broke is None:
        return ""
    return f"{clock_face(ns_from_seconds(round(broke['ago']))).removesuffix('.000')} ago: {broke['why']}"


def connection(feed: Record) -> str:
    """`mpv 0.35.1 at /run/mpv.sock answers`, or why it does not."""
    if feed["state"] == "troubled":
        return f"troubled: {feed['reason']}"
    return f"{feed['source']} answers" if feed["source"] else str(feed["state"])


def short_ms(value: float) -> str:
    """`0.04 ms`, `2.1 ms`, `120 ms`."""
    size = abs(value)
    digits = 0 if size >= 10 or size == 0 else 1 if size >= 0.1 else 2
    return f"{value:.{digits}f} ms"
