"""The state as a daemon finds it when it starts: what is gone on with, and what should be known of that."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from beatsync.config.configuration import Configuration
from beatsync.core.units import NS_PER_SECOND
from beatsync.state.database import Database, reason_for
from beatsync.state.kept import Instant, Kept
from beatsync.state.recollecting import Nothing, Recollection, away_for, recollect

MOST_CRASHES: Final = 3
CRASHES_WITHIN: Final = 30 * NS_PER_SECOND

SAFE_MODE: Final = (
    f"beatsync has died {MOST_CRASHES} times within {CRASHES_WITHIN // NS_PER_SECOND} s: it starts in safe mode, "
    "without what was kept, the network, watched files and control ports; beatsync reload reads the files again; "
    "to leave safe mode, restart it in good order: systemctl restart beatsync, or Ctrl-C and run it again"
)
"""faults.md, L4."""


@dataclass(frozen=True, slots=True)
class OpenedState:
    """`notes`: for people. `safe_mode`: daemons have died one after another; whatever can be left out is left out.

    `kept`: what there is of the show at the instant `now`; None where it begins afresh.
    """

    database: Database
    now: Instant
    recollection: Recollection
    notes: tuple[str, ...] = ()
    safe_mode: bool = False
    kept: Kept | None = None


def open_state(database: Database, configuration: Configuration | None, now: Instant, *, fresh: bool) -> OpenedState:
    """Open what is kept. `configuration`: None where that is not good; `fresh`: the show begins as it says.

    Raises nothing.
    """
    try:
        note = database.open()
        safe_mode = is_crash_loop(database.begin(now), now)
        kept = None if fresh else database.kept()
    except (sqlite3.Error, OSError) as error:
        why = f"the state in {database.folder} cannot be used: {reason_for(error)}"
        return OpenedState(database, now, Nothing(), (f"{why}; the show begins as its configuration says",))
    recollection = Nothing() if configuration is None or safe_mode else recollect(kept, now, configuration)
    reason = recollection.reason if isinstance(recollection, Nothing) else ""
    notes = (note, SAFE_MODE if safe_mode else "", reason)
    return OpenedState(database, now, recollection, tuple(filter(None, notes)), safe_mode, kept)


def is_crash_loop(crashes: Sequence[Instant], now: Instant) -> bool:
    """Whether daemons die one after another. `crashes`: when those began, the latest first."""
    if len(crashes) < MOST_CRASHES:
        return False
    return 0 <= away_for(crashes[MOST_CRASHES - 1], now) <= CRASHES_WITHIN


def end_state(database: Database) -> None:
    """The daemon comes to an end in good order."""
    with suppress(sqlite3.Error, OSError):
        database.end()
    database.close()
