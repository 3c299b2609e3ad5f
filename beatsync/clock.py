"""The only reader of a clock. Everything else is handed `now`."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import trio

from beatsync.core.units import NS_PER_SECOND, HostNs, WallNs

VIRTUAL_WALL_AT_ZERO: Final = WallNs(1_700_000_000 * NS_PER_SECOND)
_READINGS: Final = 3
_TIMEX_BYTES: Final = 512
_TIME_ERROR: Final = 5


_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """What tells this run of the machine from others: monotonic instants are of one run; empty if not known."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def is_synchronised() -> bool:
    """Whether the kernel knows civil time from somebody else (adjtimex(2)); where it cannot be asked it is believed."""
    try:
        return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) != _TIME_ERROR)
    except (AttributeError, OSError):
        return True


class Clock(Protocol):
    """The host's two clocks: monotonic, for everything; civil, for start times and time tags alone."""

    def now(self) -> HostNs:
        """The monotonic instant."""
        ...

    def wall(self) -> WallNs:
        """Civil time."""
        ...

    def host_of(self, wall: WallNs) -> HostNs:
        """The monotonic instant of a civil one, as the two clocks stand to each other now."""
        ...

    def wall_of(self, host: HostNs) -> WallNs:
        """The other way round."""
        ...

    def stay_awake_until(self, instant: HostNs) -> None:
        """Spend the time until `instant` reading the clock."""
        ...


class SystemClock:
    """The machine's own clocks."""

    # Without a method's frame in between: it is read once for every packet.
    now: Callable[[], HostNs] = staticmethod(time.monotonic_ns)  # type: ignore[assignment]

    def wall(self) -> WallNs:
        """CLOCK_REALTIME."""
        return WallNs(time.time_ns())

    def host_of(self, wall: WallNs) -> HostNs:
        """By the closest of a few pairs of readings: between the two of a pair anything may happen."""
        return HostNs(wall - _wall_less_host())

    def wall_of(self, host: HostNs) -> WallNs:
        """The other way round."""
        return WallNs(host + _wall_less_host())

    def stay_awake_until(self, instant: HostNs) -> None:
        """Spend the time until `instant` reading the clock. Nothing else runs meanwhile."""
        while time.monotonic_ns() < instant:
            pass


def _wall_less_host() -> int:
    pairs = [(time.monotonic_ns(), time.time_ns(), time.monotonic_ns()) for _ in range(_READINGS)]
    before, now, after = min(pairs, key=lambda pair: pair[2] - pair[0])
    return now - (before + after) // 2


class TrioClock:
    """The clock of the running trio loop: virtual where the loop's clock is (trio.testing.MockClock).

    Civil time starts at `wall_at_zero` and goes with it.
    """

    def __init__(self, wall_at_zero: WallNs = VIRTUAL_WALL_AT_ZERO) -> None:
        self._wall_at_zero: Final = wall_at_zero

    def now(self) -> HostNs:
        """Trio's clock, rounded to whole nanoseconds."""
        return HostNs(round(trio.current_time() * NS_PER_SECOND))

    def wall(self) -> WallNs:
        """Civil time on trio's clock."""
        return WallNs(self._wall_at_zero + self.now())

    def host_of(self, wall: WallNs) -> HostNs:
        """The two never part."""
        return HostNs(wall - self._wall_at_zero)

    def wall_of(self, host: HostNs) -> WallNs:
        """The two never part."""
        return WallNs(host + self._wall_at_zero)

    def stay_awake_until(self, instant: HostNs) -> None:
        """Virtual time does not pass by itself: nobody is woken before an instant."""
