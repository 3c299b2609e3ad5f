"""Latenesses as a chart: for each situation a row for each program, from p50 over p99 to the worst, logarithmic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import log10

WIDTH, LEFT, RIGHT, ROW, HEAD = 900, 260, 30, 22, 40
SMALLEST, LARGEST = 0.001, 100.0
INK, SOFT, OURS, OTHERS = "#1d2330", "#8a93a6", "#0b7285", "#adb5bd"


def chart(tables: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """An SVG document; milliseconds from 0.001 to 100."""
    parts = [_text(20, 24, "lateness in ms, logarithmic · bar: p50 to p99 · line: to the worst", fill=SOFT)]
    y = 44.0
    for name, rows in tables.items():
        parts.append(_text(20, y + 14, name, weight="bold"))
        y += HEAD - 10
        top = y
        for program, record in rows.items():
            parts += _row(y, program, record)
            y += ROW
        parts += _axis(top, y)
        y += HEAD
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 20:.0f}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{y + 20:.0f}" fill="#fff"/>', *parts, "</svg>\n"])


def _x(milliseconds: float) -> float:
    share = (log10(min(max(milliseconds, SMALLEST), LARGEST)) - log10(SMALLEST)) / (log10(LARGEST) - log10(SMALLEST))
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _row(y: float, program: str, record: Mapping[str, float]) -> Iterator[str]:
    colour = OURS if program == "beatsync" else OTHERS
    p50, p99, worst = _x(record["p50"]), _x(record["p99"]), _x(record["max"])
    yield _text(LEFT - 10, y + 15, program, anchor="end", fill=INK if program == "beatsync" else SOFT)
    yield f'<path d="M{p99:.1f} {y + 11:.1f}H{worst:.1f}" stroke="{colour}" stroke-width="2"/>'
    yield f'<rect x="{p50:.1f}" y="{y + 4:.1f}" width="{max(p99 - p50, 2):.1f}" height="14" rx="2" fill="{colour}"/>'


def _axis(top: float, bottom: float) -> Iterator[str]:
    for tick in (0.001, 0.01, 0.1, 1.0, 10.0, 100.0):
        x = _x(tick)
        yield f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{SOFT}" stroke-width="0.5" stroke-dasharray="2 3"/>'
        yield _text(x, bottom + 13, f"{tick:g}", anchor="middle", fill=SOFT)


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}" fill="{fill}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )
