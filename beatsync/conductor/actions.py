"""What a conductor can be told. Values; several may be told at once, and then nothing comes between them."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from beatsync.core.leads import Lead
from beatsync.core.schedule import Cue, Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs


class Load(Struct, frozen=True):
    """A deck gets a new schedule. `track`: what it is of, in any words.

    Of the same track as before, what has fired stays fired; of another one, playback of that is over first.
    """

    deck: str
    schedule: Schedule
    track: str = ""


class Seek(Struct, frozen=True, tag=True):
    """A deck's playback jumped, started or stopped."""

    deck: str
    transport: Transport


class Rejoin(Struct, frozen=True, tag=True):
    """A deck's playback has gone on along this line, and nobody looked after it: no conductor, or no daemon.

    The other fields are those of a Gap of the engine's.
    """

    deck: str
    transport: Transport
    since: HostNs
    until: HostNs
    pass_number: int | None = None


class Adjust(Struct, frozen=True, tag=True):
    """The same playback of a deck, better known."""

    deck: str
    transport: Transport


class Stop(Struct, frozen=True, tag=True):
    """A deck's playback is over: every look ends."""

    deck: str


class Remove(Struct, frozen=True, tag=True):
    """A deck is not needed any more: its looks end, and it is forgotten."""

    deck: str


class SetLead(Struct, frozen=True, tag=True):
    """A target is to be told so much earlier, whichever deck speaks to it."""

    target: str
    lead: Lead


class SetTrackLead(Struct, frozen=True, tag=True):
    """Everything of a deck's track is to be told so much earlier, beside its targets' leads."""

    deck: str
    lead: Lead


class Silence(Struct, frozen=True, tag=True):
    """For this reason nothing of these decks is sent to these targets; None for all. Their looks end first."""

    reason: str
    decks: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None


class Release(Struct, frozen=True, tag=True):
    """The reason is gone; where it was the only one, targets are put into the present state."""

    reason: str
    decks: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None


class Retarget(Struct, frozen=True, tag=True):
    """All decks play for these targets from now on; schedules that know the new ones come with it."""

    targets: tuple[Target, ...]


class Chase(Struct, frozen=True, tag=True):
    """A receiver came back: it is put into the present state."""

    target: str


class Fire(Struct, frozen=True):
    """These are sent now, whatever plays and whoever is silenced; they are booked under a deck."""

    deck: str
    cues: tuple[Cue, ...]


Action: TypeAlias = (
    Load | Seek | Rejoin | Adjust | Stop | Remove | SetLead | SetTrackLead | Retarget | Silence | Release | Chase | Fire
)
