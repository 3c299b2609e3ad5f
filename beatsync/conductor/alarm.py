"""Alarms: wake the conductor at the next deadline, or as soon as an input has changed it."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Final, Protocol

import trio

from beatsync.clock import Clock, SystemClock
from beatsync.core.units import NO_TIME, NS_PER_SECOND, DurationNs, HostNs, ms

LAST_STRETCH: Final = ms(1)
"""How long before a deadline the process wakes up and stays awake. From the kernel's timer to a packet in hand, with a
cold cache, it takes less in 99 of 100 cases; half of it is too short for one in ten (docs/timing.md).
"""


class Alarm(Protocol):
    """One deadline at a time: armed, then waited for. `rearm` is called by whoever has changed the deadline since."""

    stretch: DurationNs
    """How long before a deadline the waiter is woken, to spend the rest of the time awake."""

    def rearm(self) -> None:
        """The deadline may have changed: let the waiter look again."""
        ...

    def arm(self, deadline: HostNs | None, preparation: DurationNs = NO_TIME) -> None:
        """Have `wait` return a stretch and the `preparation` before `deadline`; without one, only when rearmed."""
        ...

    async def wait(self) -> None:
        """Return when the time has come, or when rearmed."""
        ...


class LoopAlarm:
    """On the loop's own clock, virtual ones too. On a real one a millisecond late: epoll waits in whole ones."""

    def __init__(self, clock: Clock) -> None:
        """`clock`: the one that deadlines are on."""
        self.stretch = NO_TIME
        self._clock = clock
        self._deadline: HostNs | None = None
        self._changed = trio.Event()

    def rearm(self) -> None:
        """The deadline may have changed."""
        self._changed.set()

    def arm(self, deadline: HostNs | None, preparation: DurationNs = NO_TIME) -> None:  # noqa: ARG002
        """Have `wait` return at `deadline`. A virtual clock stands still while a step is prepared."""
        self._deadline = deadline

    async def wait(self) -> None:
        """Return when the time has come, or when rearmed."""
        if self._changed.is_set():
            self._changed = trio.Event()
            await trio.lowlevel.checkpoint()
            return
        if self._deadline is None:
            await self._changed.wait()
        else:
            with trio.move_on_after(max(0, self._deadline - self._clock.now()) / NS_PER_SECOND):
                await self._changed.wait()
        self._changed = trio.Event()


class TimerAlarm:
    """A timer of the Linux kernel's on CLOCK_MONOTONIC, which wakes the loop `stretch` before the deadline."""

    def __init__(self, stretch: DurationNs = LAST_STRETCH) -> None:
        """Raises OSError where the system has no such timers."""
        self.stretch = stretch
        self._timer = _Timer()
        self._changed = False

    def rearm(self) -> None:
        """The deadline may have changed."""
        if not self._changed:
            self._changed = True
            self._timer.set(HostNs(1))

    def arm(self, deadline: HostNs | None, preparation: DurationNs = NO_TIME) -> None:
        """Have `wait` return a stretch and the `preparation` before `deadline`."""
        if not self._changed:
            self._timer.set(None if deadline is None else HostNs(max(1, deadline - self.stretch - preparation)))

    async def wait(self) -> None:
        """Return when the time has come, or when rearmed."""
        if self._changed:
            await trio.lowlevel.checkpoint()
        else:
            await trio.lowlevel.wait_readable(self._timer.file)
        self._changed = False


def best_alarm(clock: Clock, stretch: DurationNs = LAST_STRETCH) -> Alarm:
    """The most exact alarm that there is for a clock: for the machine's own the kernel's, where it has one."""
    if isinstance(clock, SystemClock):
        with suppress(OSError, AttributeError):
            return TimerAlarm(stretch)
    return LoopAlarm(clock)


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class _Timer:
    """A timerfd on CLOCK_MONOTONIC, by absolute instants (timerfd_create(2)); Python has them from 3.13 on."""

    _CLOCK_MONOTONIC: Final = 1
    _ABSOLUTE: Final = 1

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.file: int = self._libc.timerfd_create(self._CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self.file < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self._spec = _Itimerspec()
        self._reference = ctypes.byref(self._spec)

    def __del__(self) -> None:
        if self.file >= 0:
            os.close(self.file)

    def set(self, instant: HostNs | None) -> None:
        """Make the file readable at `instant`, at once if that is past, never if None. Clears what was before."""
        self._spec.value.seconds, self._spec.value.nanoseconds = divmod(instant or 0, NS_PER_SECOND)
        self._libc.timerfd_settime(self.file, self._ABSOLUTE, self._reference, None)
