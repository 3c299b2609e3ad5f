"""What becomes of cues that come late: how late is late, and which of several late ones are still worth sending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Phase
from beatsync.core.units import HostNs, ms
from beatsync.core.verdicts import Verdict

Due: TypeAlias = tuple[HostNs, Cue]
"""A cue with the instant at which it fell due."""

LATE_AFTER: Final = ms(20)
"""A cue sent later than this is marked late: half a frame of a slow receiver."""


def by_lateness(due: HostNs, now: HostNs) -> Verdict:
    """How a cue that fell due at `due` is sent now: late or not."""
    return Verdict.LATE if now - due > LATE_AFTER else Verdict.SENT


def is_too_late(cue: Cue, due: HostNs, now: HostNs) -> bool:
    """Whether its rule has given the cue up by now. An ending is never too late."""
    limit = cue.policy.late_limit
    return cue.phase is Phase.START and limit is not None and now - due > limit


def overtaken(due: Sequence[Due], now: HostNs, *, refused: Callable[[Cue], bool]) -> set[Cue]:
    """The late ones of `due`, cues in order, that a later one of the same look or address makes pointless.

    A cue that is not sent itself, since it is `refused` or too late, overtakes nothing.
    """
    if all(now - due_at <= LATE_AFTER for due_at, _ in due):
        return set()
    worthy = _worthy(due, now, refused)
    pointless: set[Cue] = set()
    seen: set[tuple[str, Kind, str]] = set()
    for due_at, cue in reversed(due):
        key = (cue.target, cue.kind, cue.look if cue.kind is Kind.STATE else cue.address)
        if cue.phase is Phase.START and key in seen and now - due_at > LATE_AFTER:
            pointless.add(cue)
        if cue in worthy:
            seen.add(key)
    return pointless


def _worthy(due: Iterable[Due], now: HostNs, refused: Callable[[Cue], bool]) -> set[Cue]:
    """What would be sent if nothing overtook it: cues that are neither refused nor too late, and their endings."""
    worthy = {cue for due_at, cue in due if not refused(cue) and not is_too_late(cue, due_at, now)}
    return worthy | {cue.ending for cue in worthy if cue.ending is not None}
