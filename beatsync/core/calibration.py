"""What a feed's offset has to be, told from taps on clicks that somebody hears. Pure.

Theory of operation
  The line says that playback stands at p when the person taps. What is heard then stands at p + d, where d is what the
  offset lacks. Nobody taps exactly on a click: people are ahead of it, by 20 to 80 ms, musicians by less (Repp,
  "Sensorimotor synchronization", 2005), and the keyboard takes 5 to 20 ms the other way. With `ahead` for both:

      p + d = click - ahead,   so   d = -(p - click) - ahead

  Clicks are all alike, so an error is only known to within half of the time between two. Of many taps the median is
  taken: it does not mind the ones that went wrong. How far it may be off by chance is told with it; what the person is
  usually ahead by is not known, is told too, and stays the larger doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin, sqrt
from statistics import median
from typing import Final, TypeAlias

from beatsync.core.units import NS_PER_MS, DurationNs, TrackNs, ms

PERIOD: Final = ms(750)
"""Between two clicks. People tap best every 0.5 to 0.8 s, and the longer it is the larger an error can be seen."""

USUALLY_AHEAD: Final = ms(30)
"""By so much people tap before a click that they hear, less what the keyboard takes."""

GETTING_IN: Final = 4
"""The first taps are still looking for the clicks."""

LEAST: Final = 12
"""With fewer taps the median says little."""

MOST_SCATTER: Final = ms(60)
"""Taps that scatter by more are no taps on clicks: even people who never do it scatter by 30 to 40 ms."""

_FROM_MAD: Final = 1.4826
_OF_MEDIAN: Final = 1.2533
_OUTLIER: Final = 3.0
_EXACT: Final = ms(10)
_AMBIGUOUS: Final = 0.42


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """`offset`: what to write. `median`: of the taps, against the line's clicks; `spread`: their standard deviation;
    `doubt`: that of the median; `used` of `taps` counted.
    """

    offset: DurationNs
    median: DurationNs
    spread: DurationNs
    doubt: DurationNs
    used: int
    taps: int


@dataclass(frozen=True, slots=True)
class NotCalibrated:
    """Nothing can be concluded; `reason`: why, with the remedy."""

    reason: str


Conclusion: TypeAlias = Calibrated | NotCalibrated


def error_of_tap(position: TrackNs, period: DurationNs = PERIOD) -> DurationNs:
    """How far beyond the nearest click the line was at a tap: clicks lie at whole multiples of `period`."""
    return _wrapped(position, period)


def conclude(
    errors: Sequence[DurationNs],
    *,
    offset: DurationNs,
    ahead: DurationNs = USUALLY_AHEAD,
    period: DurationNs = PERIOD,
) -> Conclusion:
    """What follows from taps. `offset`: the one that the line has been told with; `ahead`: as above."""
    counted = errors[GETTING_IN:]
    if len(counted) < LEAST:
        return NotCalibrated(
            f"{len(errors)} taps are too few to conclude from; tap on at least {GETTING_IN + LEAST} clicks"
        )
    middle = _circular_mean(counted, period)
    near = [middle + _wrapped(error - middle, period) for error in counted]
    centre, spread = _centre_and_spread(near)
    kept = [error for error in near if abs(error - centre) <= max(_OUTLIER * spread, _EXACT)]
    centre, spread = _centre_and_spread(kept)
    if spread > MOST_SCATTER or len(kept) < max(LEAST, 2 * len(near) // 3):
        return NotCalibrated(
            f"the taps scatter by {spread / NS_PER_MS:.0f} ms, too much to conclude from; "
            "tap on each click that you hear, and on nothing else"
        )
    if abs(_wrapped(round(centre), period)) > _AMBIGUOUS * period:
        return NotCalibrated(
            f"the taps lie half way between two clicks ({centre / NS_PER_MS:+.0f} ms): nobody can tell which one they "
            f"were for; change the offset by {period // 4 // NS_PER_MS} ms and tap again"
        )
    found = DurationNs(_wrapped(round(centre), period))
    return Calibrated(
        offset=DurationNs(offset - found - ahead),
        median=found,
        spread=DurationNs(round(spread)),
        doubt=DurationNs(round(_OF_MEDIAN * spread / sqrt(len(kept)))),
        used=len(kept),
        taps=len(errors),
    )


def _wrapped(error: int, period: int) -> DurationNs:
    """Into [-period/2, period/2)."""
    return DurationNs((error + period // 2) % period - period // 2)


def _circular_mean(errors: Sequence[int], period: int) -> int:
    angles = [2 * pi * error / period for error in errors]
    angle = atan2(sum(map(sin, angles)), sum(map(cos, angles)))
    return round(angle * period / (2 * pi))


def _centre_and_spread(errors: Sequence[int]) -> tuple[float, float]:
    centre = median(errors)
    return centre, _FROM_MAD * median(abs(error - centre) for error in errors)
