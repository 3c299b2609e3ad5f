"""What makes a process punctual: real-time priority, memory that stays, exact timers, a collector that keeps quiet.

Each is asked of the operating system and done without where it refuses; the answer is kept for people to see.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
from pathlib import Path
from typing import Final

from beatsync.conductor.process.priority import claim_priority
from beatsync.conductor.report import GRANTED, Precision
from beatsync.core.units import DurationNs, ms

LONG_GAP: Final = ms(100)
"""A collection of all that is not frozen takes 1 to 3 ms (docs/timing.md)."""

SHORT_GAP: Final = ms(5)
"""One of what is new takes 0.2 ms; where eight decks play, no gap is longer than 10 ms."""

RESTS_BETWEEN_COLLECTIONS: Final = 256
"""A step leaves one or two objects behind that go without a collector when their time has come; cycles are rare."""

RESTS_BETWEEN_SMALL_ONES: Final = 2048

_PR_SET_TIMERSLACK: Final = 29
MCL_CURRENT: Final = 1
MCL_FUTURE: Final = 2
MCL_ONFAULT: Final = 4
_STATUS: Final = Path("/proc/self/status")
_CAP_IPC_LOCK: Final = 14


def make_punctual() -> Precision:
    """Ask for all of it; returns what was granted."""
    freeze_collector()
    libc = ctypes.CDLL(None, use_errno=True)
    _call(libc, "prctl", _PR_SET_TIMERSLACK, 1, 0, 0, 0)
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    locked = _call(libc, "mlockall", what_to_lock(limit, _status()))
    return Precision(realtime=_realtime(), memory_locked=locked)


def what_to_lock(limit: int, status: str) -> int:
    """Flags for mlockall: what is still to come as well, but only where there is no limit to it.

    Under a limit, memory that was to be locked and is beyond it could not be had at all. `status`: of /proc/self.
    """
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    unlimited = limit == resource.RLIM_INFINITY or int(effective, 16) >> _CAP_IPC_LOCK & 1
    return MCL_CURRENT | MCL_ONFAULT | (MCL_FUTURE if unlimited else 0)


def _status() -> str:
    try:
        return _STATUS.read_text()
    except OSError:
        return ""


def freeze_collector() -> None:
    """What lives now is never looked at again, and the collector runs only when it is asked to."""
    gc.collect()
    gc.freeze()
    gc.disable()


class Collector:
    """The garbage collector, which runs in the gaps between cues and at no other time."""

    def __init__(self) -> None:
        self._rests = 0
        self._small = 0

    def rest(self, gap: DurationNs) -> None:
        """Nothing is due for so long: look for garbage, if it has been a while since that was last done."""
        self._rests += 1
        self._small += 1
        if self._rests >= RESTS_BETWEEN_COLLECTIONS and gap >= LONG_GAP:
            self._rests = self._small = 0
            gc.collect()
        elif self._small >= RESTS_BETWEEN_SMALL_ONES and gap >= SHORT_GAP:
            self._small = 0
            gc.collect(0)

    def settle(self) -> None:
        """A schedule has come to stay: what lives now need not be looked at."""
        gc.freeze()


def _realtime() -> str:
    refusal = claim_priority()
    return GRANTED if refusal is None else _why(refusal)


def _call(libc: ctypes.CDLL, name: str, *arguments: int) -> str:
    try:
        if getattr(libc, name)(*arguments) == 0:
            return GRANTED
        number = ctypes.get_errno()
        return _why(OSError(number, os.strerror(number)))
    except AttributeError as error:
        return _why(error)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "this system does not know it"
