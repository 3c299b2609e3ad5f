"""When a player's answer was true: in the middle between question and answer, where the two are close enough.

An answer that took long may have been true at any instant of that time. What is usual is learnt from the quickest of
the last answers, as NTP's clock filter does (RFC 5905): a delay only ever adds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from beatsync.core.units import DurationNs, HostNs, ms

REMEMBERED: Final = 32
"""So many round trips back goes what is usual: one to four seconds, so that a network that got slower is believed."""

SLOW: Final = 3
"""An answer that takes so many times as long as the quickest is not dated."""

QUICK: Final = ms(2)
"""An answer that takes no longer is always dated: it is wrong by a millisecond at most."""


ROUGH: Final = ms(200)
"""On a machine with far too much to do answers may take so long for seconds on end."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The instant at which an answer was true, and by how much that may be wrong either way."""

    at: HostNs
    slack: DurationNs


class RoundTrips:
    """The round trips on one connection."""

    def __init__(self, quick: DurationNs = QUICK) -> None:
        """`quick`: an answer that takes no longer is always dated; half of it is what its date may be wrong by."""
        self._quick = quick
        self._recent: deque[int] = deque(maxlen=REMEMBERED)

    def stamp(self, asked: HostNs, answered: HostNs, *, eager: bool = False) -> Stamp | None:
        """When the answer was true; None where it took too long to say.

        `eager`: something has just happened to playback, and roughly where it is now is better than nothing.
        """
        took = answered - asked
        self._recent.append(took)
        if took > (ROUGH if eager else max(self._quick, SLOW * min(self._recent))):
            return None
        return Stamp(HostNs(asked + took // 2), DurationNs((took + 1) // 2))
