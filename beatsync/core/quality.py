"""How well playback is followed, as a value that people see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beatsync.core.units import DurationNs, HostNs


class State(StrEnum):
    """What an estimator is doing."""

    WAITING = "waiting"
    """nothing is known yet"""
    LOCKED = "locked"
    """playback is followed"""
    SLEWING = "slewing"
    """followed, and a small error is just being run off"""
    FREEWHEELING = "freewheeling"
    """no reading for a while; playback is believed to go on"""
    PAUSED = "paused"
    LOST = "lost"
    """no reading for longer than is believed"""


@dataclass(frozen=True, slots=True)
class Break:
    """Something happened to playback: when, and what, for people."""

    at: HostNs
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A snapshot.

    `error`: the position is within this, 99 times of 100, as far as readings can tell: a delay that all of them share
    is not in it, that is the feed's offset. None where no position is known. `rate`: readings a second of late; `age`:
    time since the last one, None before the first. `refused`: readings that came too late, twice or made no sense.
    """

    state: State
    error: DurationNs | None
    rate: float
    age: DurationNs | None
    last_break: Break | None
    refused: int
