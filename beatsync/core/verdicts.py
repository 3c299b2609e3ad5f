"""What became of a due cue. Every due cue gets exactly one verdict; the verdicts add up to what was due."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beatsync.core.schedule import Cue
from beatsync.core.units import HostNs


class Verdict(StrEnum):
    """The six fates of a due cue."""

    SENT = "sent"
    LATE = "late"
    """sent, and later than anybody should be"""
    DROPPED = "dropped"
    """not sent: too late to be worth it, or overtaken by a later cue after a stall"""
    SKIPPED = "skipped"
    """not sent: a seek passed over it"""
    SUPPRESSED = "suppressed"
    """not sent: the rule, or the target's rate cap, says so"""
    FAILED = "failed"
    """not sent: the network refused it"""


class Cause(StrEnum):
    """Why a cue fell due."""

    PLAYED = "played"
    """playback reached it"""
    CHASE = "chase"
    """playback jumped, or a receiver came back, and the new position calls for it"""
    ENDING = "ending"
    """its look had to end out of turn: its hold was over, or a seek, pause, reload or stop left its span"""
    COMMAND = "command"
    """somebody wanted it sent"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The engine's decision on one due cue; to be sent where the verdict is `SENT` or `LATE`.

    `due`: the instant at which it fell due, or will where it goes out ahead of that; `reason`: why it is not sent, for
    people; `pass_number`: counts the runs through the deck's track, a jump back opens a new one.
    """

    deck: str
    cue: Cue
    verdict: Verdict
    cause: Cause
    due: HostNs
    pass_number: int
    reason: str = ""

    @property
    def to_send(self) -> bool:
        """Whether the cue goes out."""
        return self.verdict in {Verdict.SENT, Verdict.LATE}
