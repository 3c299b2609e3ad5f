"""How well a sender's clock removes the latency of a network: error of the instants, in ms, after five seconds.

`python -m bench sender_clock`. The least delay is zero for the uniform ones, so that the error is all ours.
"""

from __future__ import annotations

from math import sqrt

from tests.core.test_sender_clock import Delay, errors, internet, lan, messages, wireless

_SEEDS = 20


def run() -> None:
    """Print a table: delay, messages a second, skew in ppm, rms, 99 of 100, most."""
    networks: tuple[tuple[str, Delay, float], ...] = (
        ("0-20 ms", lan, 8),
        ("0-50 ms", internet, 8),
        ("0-50 ms", internet, 1),
        ("8 ms, tail to 200 ms", wireless, 8),
        ("8 ms, tail to 200 ms", wireless, 30),
    )
    for name, delay, hz in networks:
        for skew in (-200, 0, 200):
            rms, p99, most = _figures(delay, hz, skew)
            print(f"{name:22}{hz:4g} Hz {skew:5d} ppm {rms:6.1f} {p99:6.1f} {most:6.1f}")


def _figures(delay: Delay, hz: float, skew_ppm: float) -> tuple[float, float, float]:
    late = sorted(
        abs(error)
        for seed in range(_SEEDS)
        for when, error in errors(messages(delay, seed, hz=hz, skew_ppm=skew_ppm))
        if when > 5
    )
    return sqrt(sum(error**2 for error in late) / len(late)), late[len(late) * 99 // 100], late[-1]
