"""A clock that is set by hand, in whole nanoseconds: in a replay time goes from one event to the next."""

from __future__ import annotations

from beatsync.core.units import NO_TIME, DurationNs, HostNs, WallNs


class ManualClock:
    """Stands still until it is set."""

    def __init__(self, at: HostNs, wall: WallNs) -> None:
        """`wall`: civil time at `at`; the two never part."""
        self._at = at
        self._wall_less_host = wall - at

    def now(self) -> HostNs:
        """The instant that was set."""
        return self._at

    def wall(self) -> WallNs:
        """Civil time."""
        return self.wall_of(self._at)

    def host_of(self, wall: WallNs) -> HostNs:
        """The monotonic instant of a civil one."""
        return HostNs(wall - self._wall_less_host)

    def wall_of(self, host: HostNs) -> WallNs:
        """The other way round."""
        return WallNs(host + self._wall_less_host)

    def stay_awake_until(self, instant: HostNs) -> None:
        """Nobody is woken before an instant."""

    def set(self, at: HostNs) -> None:
        """It is this late now; never earlier than before."""
        self._at = max(self._at, at)


class NoAlarm:
    """Nobody waits: whoever sets the clock looks at the deadlines."""

    stretch: DurationNs = NO_TIME

    def rearm(self) -> None:
        """Nothing is armed."""

    def arm(self, deadline: HostNs | None, preparation: DurationNs = NO_TIME) -> None:
        """Nothing is armed."""

    async def wait(self) -> None:
        """Never called."""
        raise AssertionError
