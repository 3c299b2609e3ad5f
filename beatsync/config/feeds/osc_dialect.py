"""What a player says over OSC, and what it must be asked: values, for the feed that listens.

Addresses and requests are templates here: `{deck}` and `{cue}` stand for what the configuration says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from beatsync.config.networks import Network
from beatsync.core.observation import Character, Following
from beatsync.core.osc import Tag, Value
from beatsync.core.position_units import PositionUnit
from beatsync.core.timecode import FrameRate
from beatsync.core.units import DurationNs

SUBSCRIBED_FOR: Final = DurationNs(10_000_000_000)
"""How often what has to be said once is said again: the player may have been started since."""

AS_USUAL: Final = Following()
PATIENCE: Final = DurationNs(5_000_000_000)


class Role(StrEnum):
    """What a value is."""

    POSITION = "position"
    PLAYING = "playing"
    """true where playback runs"""
    PAUSED = "paused"
    """true where it does not; playback runs if it is playing and not paused"""
    RATE = "rate"
    """1 is as recorded"""
    TEMPO = "tempo"
    """beats per minute as they are heard"""
    OWN_TEMPO = "own tempo"
    """beats per minute as recorded"""
    LENGTH = "length"
    """of the track, in seconds; positions as fractions are of it"""
    TITLE = "title"
    ARTIST = "artist"
    TRACK_ID = "track id"
    JUMP = "jump"
    """whatever the value: the next position is a jump"""
    BEAT_OF_BAR = "beat of bar"
    """1 to 4, at the instant of the beat; a position is counted from it"""
    AT_START = "at start"
    """true where playback stands at the start of the track"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Messages to any of `addresses` carry a value of this role as their argument (index), or under the key of JSON.

    In an address `*` stands for anything within one of its parts. `deck_argument`: the argument that must be the deck.
    """

    role: Role
    addresses: tuple[str, ...]
    argument: int | str = 0
    deck_argument: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A message to the player. `with_port`: the port that answers are to come to is its last argument.

    `every`: how often. `timed`: its answer carries the position as it was between question and answer.
    """

    address: str
    arguments: tuple[tuple[Tag, Value], ...] = ()
    with_port: bool = False
    every: DurationNs = SUBSCRIBED_FOR
    timed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a player speaks. `first_beat`: its number of the beat that is the track's first downbeat.

    `json`: argument 0 of a reply is a JSON text with `status` and `data`, as QLab sends it. `patience`: for how
    long a player that is asked may be silent; `silence_remedy`: what to look at then.
    """

    meanings: tuple[Meaning, ...]
    unit: PositionUnit
    character: Character
    usual: Following = AS_USUAL
    frame_rate: FrameRate | None = None
    first_beat: float = 0.0
    json: bool = False
    requests: tuple[Request, ...] = ()
    silence_remedy: str = ""
    patience: DurationNs = PATIENCE
    deck: str = ""

    def filled(self, *, deck: str, cue: str) -> Self:
        """With what `{deck}` and `{cue}` stand for."""

        def fill(template: str) -> str:
            return template.replace("{deck}", deck).replace("{cue}", cue)

        return replace(
            self,
            deck=deck,
            meanings=tuple(
                replace(meaning, addresses=tuple(fill(address) for address in meaning.addresses))
                for meaning in self.meanings
            ),
            requests=tuple(replace(request, address=fill(request.address)) for request in self.requests),
        )


@dataclass(frozen=True, slots=True)
class Peer:
    """A player that is asked: `host` is a name or an IPv4 address."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OscSettings:
    """An OSC feed. `name`: what people call it; `host`: the address of this machine that it listens on.

    `senders`: who may send; everybody if empty, but only the peer where there is one.
    """

    name: str
    port: int
    host: str
    dialect: Dialect
    following: Following
    peer: Peer | None = None
    senders: tuple[Network, ...] = ()
