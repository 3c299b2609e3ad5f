"""What is kept of a show, as values, and as the text that goes into the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from beatsync.config.configuration import ClockChoice, FromAudioScape, FromBundle, FromFile, Origin, TrackChoice
from beatsync.core.leads import Lead
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, WallNs


@dataclass(frozen=True, slots=True)
class Instant:
    """One instant on both clocks. `host` is of the run of the machine that is called `boot`."""

    host: HostNs
    wall: WallNs
    boot: str


class KeptFile(Struct, frozen=True, tag="file"):
    """A track document in a file."""

    path: str


class KeptAsset(Struct, frozen=True, tag="asset"):
    """An asset of AudioScape."""

    asset_id: str


class KeptBundle(Struct, frozen=True, tag="bundle"):
    """The demo track."""


KeptOrigin: TypeAlias = KeptFile | KeptAsset | KeptBundle


class KeptTrack(Struct, frozen=True):
    """Which track, as far as it takes to load it again where the configuration does not name it any more."""

    origin: KeptOrigin
    lead: Lead
    force: bool = False

    @property
    def choice(self) -> TrackChoice:
        """The track as a configuration names it."""
        return TrackChoice(origin=_origin_of(self.origin), lead=self.lead, force=self.force)


class KeptDeck(Struct, frozen=True):
    """One deck. `clock`: tells what leads it from anything else; `gap`: as a Repertoire has it."""

    track: KeptTrack | None
    place: int | None
    gap: int
    clock: str
    transport: Transport | None
    rate: int
    stopped: bool
    pass_number: int


class KeptSettings(Struct, frozen=True):
    """What people have set by hand."""

    leads: dict[str, Lead]
    muted: tuple[str, ...]
    soloed: tuple[str, ...]
    panicked: bool
    locked: bool


class KeptShow(Struct, frozen=True):
    """A show."""

    on_air: str
    decks: dict[str, KeptDeck]
    settings: KeptSettings


@dataclass(frozen=True, slots=True)
class Kept:
    """A show as it was when it was last looked at. `over`: it was ended on purpose."""

    show: KeptShow
    alive: Instant
    over: bool


def kept_track(choice: TrackChoice) -> KeptTrack:
    """A track to be kept."""
    return KeptTrack(_kept_origin(choice.origin), choice.lead, choice.force)


def clock_mark(choice: ClockChoice) -> str:
    """What tells what leads a deck from anything else."""
    return hashlib.blake2b(repr(choice).encode(), digest_size=12).hexdigest()


def written(show: KeptShow) -> str:
    """The show as text."""
    return msgspec.json.encode(show).decode()


def read(text: str) -> KeptShow | None:
    """The show of a text; None for what is none."""
    try:
        return msgspec.json.decode(text, type=KeptShow)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _kept_origin(origin: Origin) -> KeptOrigin:
    match origin:
        case FromFile(path):
            return KeptFile(str(path))
        case FromAudioScape(asset_id):
            return KeptAsset(asset_id)
        case FromBundle():
            return KeptBundle()


def _origin_of(kept: KeptOrigin) -> Origin:
    match kept:
        case KeptFile(path):
            return FromFile(Path(path))
        case KeptAsset(asset_id):
            return FromAudioScape(asset_id)
        case KeptBundle():
            return FromBundle()
