"""A configuration as values: what the rest of the program gets once the YAML has been read and found good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

from beatsync.config.faults import Place
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.ltc import FollowLtc
from beatsync.config.feeds.midi_clock import FollowMidiClock
from beatsync.config.feeds.mpd import MpdServer
from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.config.feeds.osc_dialect import OscSettings
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.config.feeds.push import PushSettings
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.config.networks import Network
from beatsync.config.starts import Start
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.notes import Note
from beatsync.core.rules import Message, Rule
from beatsync.core.targets import Target
from beatsync.core.timecode import Timecode
from beatsync.core.track_names import PlayedAs
from beatsync.core.units import DurationNs, TrackNs, WallNs, ms
from beatsync.errors import ConfigProblem

_KEYS: Final = re.compile(r"[\w.\[\]-]*")
"""A path of keys; what follows it, such as a rule's name, is for people."""


@dataclass(frozen=True, slots=True)
class FromFile:
    """A track document in a file; relative paths are from the configuration's folder. `-` is standard input."""

    path: Path


@dataclass(frozen=True, slots=True)
class FromAudioScape:
    """An asset of AudioScape, from the cache or the network. `update`: a newer structure replaces the cached one."""

    asset_id: str
    update: bool = False


@dataclass(frozen=True, slots=True)
class FromBundle:
    """The demo track that comes with beatsync."""


Origin: TypeAlias = FromFile | FromAudioScape | FromBundle


@dataclass(frozen=True, slots=True)
class GridFromBpm:
    """A synthetic grid for a track that has a tempo and no beats."""

    first_downbeat: TrackNs
    beats_per_bar: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackChoice:
    """Which track. `expected_*`: what the document must agree with, unless `force`. `lead`: of all its cues.

    `timecode`: where on a tape that holds a whole set list its first sample lies.
    """

    origin: Origin
    grid: GridFromBpm | None = None
    expected_asset_id: str | None = None
    expected_duration: DurationNs | None = None
    force: bool = False
    lead: Lead = NO_LEAD
    played_as: PlayedAs | None = None
    timecode: Timecode | None = None


class FollowOn(StrEnum):
    """What starts the next track of a set list."""

    AUTOMATIC = "automatic"
    """the end of the one before"""
    MANUAL = "manual"
    """a command"""
    PLAYER = "player"
    """the player that plays it"""


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist of AudioScape: which tracks it has is known once it has been fetched."""

    playlist_id: str


@dataclass(frozen=True, slots=True)
class SetListChoice:
    """Tracks in order. `file`: where they stand, if not in the configuration itself."""

    tracks: tuple[TrackChoice, ...] | Playlist
    follow_on: FollowOn
    file: Path | None = None


FeedChoice: TypeAlias = (
    MpvPlayer
    | MpdServer
    | MprisPlayer
    | VlcPlayer
    | OscSettings
    | PushSettings
    | FollowArtnet
    | FollowMtc
    | FollowMidiClock
    | FollowLtc
    | FollowProDjLink
)

USUAL_HAND_BACK: Final = ms(5_000)


@dataclass(frozen=True, slots=True)
class FollowFeeds:
    """Feeds in order of preference. `hand_back`: how long a preferred one must be good before it leads again."""

    feeds: tuple[FeedChoice, ...]
    hand_back: DurationNs = USUAL_HAND_BACK


ClockChoice: TypeAlias = Start | FollowFeeds


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckChoice:
    """A deck: what it plays, what leads it, its rules.

    `track` is None where it has a set list, or is loaded by command. `prefix`: stands before the addresses of its cues
    while another deck is on air; None for silence.
    """

    name: str
    track: TrackChoice | None
    clock: ClockChoice
    rules: tuple[Rule, ...]
    setlist: SetListChoice | None = None
    prefix: str | None = None


class PutOnAirBy(StrEnum):
    """What puts a deck on air."""

    COMMAND = "command"
    MESSAGE = "message"
    FADER = "fader"


class HandOver(StrEnum):
    """When one deck takes over from another."""

    NOW = "now"
    BEAT = "beat"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class OnAirChoice:
    """Who is on air at the start, and how that changes."""

    deck: str
    by: PutOnAirBy = PutOnAirBy.COMMAND
    hand_over: HandOver = HandOver.BEAT


@dataclass(frozen=True, slots=True)
class HttpChoice:
    """The API on a TCP port. Without a token it is on loopback alone.

    `hosts`: names, beside addresses and its own, that this machine goes by.
    """

    host: str
    port: int
    token_file: Path | None = None
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OscControlChoice:
    """Commands as OSC messages, obeyed from these senders."""

    host: str
    port: int
    senders: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class ControlChoice:
    """How the daemon is reached, beside its Unix socket."""

    http: HttpChoice | None = None
    osc: OscControlChoice | None = None


USUAL_POLL: Final = ms(2_000)
USUAL_RESUME: Final = ms(5 * 60_000)


@dataclass(frozen=True, slots=True)
class ReloadChoice:
    """Whether files are watched, and how often those are looked at whose disk does not report changes."""

    watch: bool = True
    poll: DurationNs = USUAL_POLL


@dataclass(frozen=True, slots=True)
class StandIn:
    """Why a configuration is in force that is not what its file says any more. `since`: when it came into force;
    `problems`: what is wrong with the files, at least one line.
    """

    since: WallNs
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything one file says.

    `safe`: what puts each target into its safe state. `notes`: what was accepted with a doubt. `resume_within`: how
    long the daemon may have been away for the show to go on by itself; zero for never.
    `stand_in`: the file itself cannot be used, and this was in force before it was broken.
    `places`: where every key and every element of a list stands in the file: `rules[3].when.label`.
    """

    path: Path
    decks: Mapping[str, DeckChoice]
    on_air: OnAirChoice
    targets: tuple[Target, ...]
    notes: tuple[Note, ...]
    places: Mapping[str, Place]
    safe: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    control: ControlChoice = field(default_factory=ControlChoice)
    reload: ReloadChoice = field(default_factory=ReloadChoice)
    resume_within: DurationNs = USUAL_RESUME
    stand_in: StandIn | None = None

    @property
    def tracks(self) -> tuple[TrackChoice, ...]:
        """Every track that it names, in order."""
        return tuple(track for deck in self.decks.values() for track in tracks_of(deck))

    def placed(self, problem: ConfigProblem) -> ConfigProblem:
        """The problem with its place in the file: that of its path, or of the nearest one above it."""
        path, found = _KEYS.match(problem.path), None
        key = path.group() if path else ""
        while key and found is None:
            found = self.places.get(key)
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        if found is None:
            return replace(problem, file=str(self.path))
        return replace(problem, file=str(self.path), line=found.line, column=found.column)


def tracks_of(deck: DeckChoice) -> tuple[TrackChoice, ...]:
    """Every track that a deck's configuration names, in order; those of a playlist are not known here."""
    if deck.setlist is None:
        return () if deck.track is None else (deck.track,)
    return () if isinstance(deck.setlist.tracks, Playlist) else deck.setlist.tracks
