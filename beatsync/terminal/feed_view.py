"""What `beatsync feed` shows of a deck's feeds: a few lines that are drawn anew, or one line a second. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import pstdev
from typing import Any, Final

from rich.cells import cell_len, set_cell_size

from beatsync.core.units import clock_face, ns_from_seconds
from beatsync.terminal.quality_words import connection, followed, heard, last_break, not_taken, short_ms

Record = Mapping[str, Any]

BARS: Final = "▁▂▃▄▅▆▇█"
PLAIN_BARS: Final = "_.-=+*#@"
"""For terminals that have no others."""

_SCALES: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
_MARGIN: Final = "  "
_LABEL: Final = 11
_SCALE_ROOM: Final = 26
_PLAIN_CELLS: Final = 16


def view_lines(view: Record, width: int, *, bars: str = BARS) -> list[str]:
    """The lines of a screen that is `width` cells wide."""
    lines = [_headline(view)]
    for feed in view["feeds"]:
        lines += ["", f"{feed['name']}{'  (leads)' if feed['leads'] and len(view['feeds']) > 1 else ''}"]
        lines += [f"{_MARGIN}{label:<{_LABEL}}{text}" for label, text in _feed_rows(feed, width, bars)]
    return [set_cell_size(line, min(cell_len(line), max(width, 1))) for line in lines]


def plain_lines(view: Record, *, bars: str = BARS) -> list[str]:
    """One line for each feed."""
    return [_plain(view, feed, bars) for feed in view["feeds"]]


def sparkline(residuals: Sequence[float], *, bars: str = BARS) -> tuple[str, float]:
    """Residuals in ms as a row of bars, and the scale: the middle is 0, the ends are so many ms above and below."""
    most = max(map(abs, residuals), default=0.0)
    scale = next((scale for scale in _SCALES if most <= scale), _SCALES[-1])
    return "".join(_bar(residual / scale, bars) for residual in residuals), scale


def _bar(share: float, bars: str) -> str:
    return bars[min(max(int((share + 1.0) / 2.0 * len(bars)), 0), len(bars) - 1)]


def _headline(view: Record) -> str:
    position, rate = view["position"], view["rate"]
    if position is None:
        place = "nothing is known of playback"
    else:
        does = "plays" if view["playing"] else "stands"
        place = f"{does} at {clock_face(ns_from_seconds(position))}"
        place += f", at {rate:.4f} of its rate" if view["playing"] else ""
    track = f": {view['plays']}" if view["plays"] else ""
    return f"deck {view['deck']} {place}{track}"


def _feed_rows(feed: Record, width: int, bars: str) -> Iterator[tuple[str, str]]:
    yield "source", connection(feed)
    yield "followed", f"{followed(feed['quality'])}; class {feed['accuracy']} promises {_promise(feed)}"
    yield "heard", heard(feed["quality"])
    residuals = feed["residuals_ms"][-max(width - _LABEL - len(_MARGIN) - _SCALE_ROOM, 8) :]
    if residuals:
        drawn, scale = sparkline(residuals, bars=bars)
        yield "residuals", f"{drawn}  {bars[0]} -{scale:g} ms  {bars[-1]} +{scale:g} ms"
        yield "", f"scatter {short_ms(pstdev(residuals))}, from {min(residuals):+.1f} to {max(residuals):+.1f} ms"
    yield "offset", short_ms(feed["offset_ms"])
    if text := not_taken(feed):
        yield "not taken", text
    if text := last_break(feed["quality"]):
        yield "last break", text


def _promise(feed: Record) -> str:
    return "nothing" if feed["promise_ms"] is None else f"{feed['promise_ms']:g} ms"


def _plain(view: Record, feed: Record, bars: str) -> str:
    parts = [feed["name"] + (" (leads)" if feed["leads"] and len(view["feeds"]) > 1 else "")]
    if feed["state"] != "connected":
        parts.append(connection(feed))
    if feed["leads"] and view["position"] is not None:
        rate = f" x {view['rate']:.4f}" if view["playing"] else ""
        parts.append(f"{clock_face(ns_from_seconds(view['position']))}{rate}")
    parts += [followed(feed["quality"]), heard(feed["quality"])]
    residuals = feed["residuals_ms"][-_PLAIN_CELLS:]
    if residuals:
        drawn, scale = sparkline(residuals, bars=bars)
        parts.append(f"{drawn} +-{scale:g} ms")
    if text := not_taken(feed):
        parts.append(text)
    return "  ".join(parts)
