"""What people and other programs can command, as values: the API, the OSC port and the command line all speak these.

`deck`: which one; None for the one that is on air.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from beatsync.config.configuration import HandOver, TrackChoice
from beatsync.core.units import DurationNs, TrackNs


@dataclass(frozen=True, slots=True)
class Play:
    """Start, go on after a pause, start anew after the end; a deck that was stopped follows its player again."""

    deck: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold the position."""

    deck: str | None = None


@dataclass(frozen=True, slots=True)
class StopDeck:
    """End every look and be armed."""

    deck: str | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """Be ready at the top of the track, or to follow the player; never interrupts what plays."""

    deck: str | None = None


@dataclass(frozen=True, slots=True)
class SeekTo:
    """Go to a position of the track."""

    position: TrackNs
    deck: str | None = None


@dataclass(frozen=True, slots=True)
class SetRate:
    """Play so many times as fast as recorded."""

    ratio: float
    deck: str | None = None


@dataclass(frozen=True, slots=True)
class LoadTrack:
    """Have another track, armed."""

    track: TrackChoice
    deck: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The track so many further in the set list, armed; where one plays, it plays on with that."""

    by: int
    deck: str | None = None


@dataclass(frozen=True, slots=True)
class PutOnAir:
    """A deck takes over from the one that is on air."""

    deck: str
    when: HandOver | None = None


@dataclass(frozen=True, slots=True)
class MoveFader:
    """A deck's fader stands at `level`, 0 to 1."""

    level: float
    deck: str


@dataclass(frozen=True, slots=True)
class RaiseFlag:
    """A mixer says whether a deck is on air."""

    on: bool
    deck: str


@dataclass(frozen=True, slots=True)
class SetTargetLead:
    """A target is to be told so much earlier; None leaves that part of its lead as it is."""

    target: str
    lead: DurationNs | None
    track_lead: DurationNs | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """Whether a target is sent nothing."""

    target: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Solo:
    """Whether a target is among those that alone are sent anything."""

    target: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Panic:
    """Every target gets its safe state, and nothing else until that is over (`on` false)."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class Lock:
    """Whether edits are refused: what plays, and how, is operated as ever."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration and the tracks again, and play on with what has changed."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a Reload has come to, in words, a line each; neither where nothing has changed.

    `later`: what has been edited, and takes effect at the next start.
    """

    changes: tuple[str, ...]
    later: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line."""
        if not self.changes and not self.later:
            return "reloaded: nothing has changed"
        later = (f"at the next start: {'; '.join(self.later)}",) if self.later else ()
        return f"reloaded: {'; '.join((*self.changes, *later))}"


@dataclass(frozen=True, slots=True)
class Already:
    """What was commanded was so before: nothing was done. `text` says it to people."""

    text: str


Outcome: TypeAlias = Reloaded | Already

Command: TypeAlias = (
    Play
    | Pause
    | StopDeck
    | Arm
    | SeekTo
    | SetRate
    | LoadTrack
    | Step
    | PutOnAir
    | MoveFader
    | RaiseFlag
    | SetTargetLead
    | Mute
    | Solo
    | Panic
    | Lock
    | Reload
)

EDITS = (LoadTrack, SetTargetLead, Reload)
"""What the show lock refuses."""
