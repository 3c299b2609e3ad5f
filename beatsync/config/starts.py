"""When playback starts: as a value, and as text or a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from beatsync.config.plain import GrammarError, Trap, unlike
from beatsync.core.units import NS_PER_SECOND, WallNs

_EXPECTED: Final = 'now, armed, a date-time with its zone such as "2026-12-31T23:59:30+01:00", or unix seconds'
_LATEST: Final = 4_102_444_800  # 2100-01-01


@dataclass(frozen=True, slots=True)
class StartNow:
    """Playback starts when everything is armed."""


@dataclass(frozen=True, slots=True)
class StartAt:
    """Playback starts, or has started, at an instant of civil time."""

    wall: WallNs


@dataclass(frozen=True, slots=True)
class StartArmed:
    """Playback starts when somebody says play."""


Start: TypeAlias = StartNow | StartAt | StartArmed


def start_of(value: object) -> Start:
    """When playback starts. Raises GrammarError."""
    if value == "now":
        return StartNow()
    if value == "armed":
        return StartArmed()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _unix(Decimal(repr(value)))
    text = value.text if isinstance(value, Trap) else value
    if not isinstance(text, str):
        raise unlike(_EXPECTED, value)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise GrammarError(f"expected {_EXPECTED}, got {text!r}") from None
    if moment.tzinfo is None:
        raise GrammarError(f"{text!r} has no zone; add one, such as {text}+01:00, or Z for UTC")
    epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return StartAt(WallNs((moment - epoch) // timedelta(microseconds=1) * 1000))


def _unix(seconds: Decimal) -> Start:
    if not 0 <= seconds <= _LATEST:
        raise GrammarError(f"unix seconds {seconds} lie outside 1970 to 2100; milliseconds? divide by 1000")
    return StartAt(WallNs(int(seconds * NS_PER_SECOND)))
