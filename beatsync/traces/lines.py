"""The lines of a trace: JSON, one thing each, in the order in which they happened. Instants are monotonic nanoseconds.

    {"type":"trace","version":1,"at":...,"wall":...,"config":"/shows/show.yaml","decks":{"main":[{"name":"mpv ..."}]}}
    {"type":"heard","at":...,"deck":"main","feed":0,"host":...,"position":...,"playing":true}
    {"type":"decided","at":...,"deck":"main","verdict":"Jumped","value":{...}}
    {"type":"cue","at":...,"deck":"main","cue":{...}}
    {"type":"end","at":...}

A file holds one session after another, each from its first line on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct, convert, to_builtins

from beatsync.conductor.report import Report
from beatsync.core.observation import Character, Following, Observation, TrackHint
from beatsync.core.playback import Adjusted, Jumped, Lost, Paused, Resumed, TrackChanged, Verdict
from beatsync.core.transport import Rate
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, WallNs
from beatsync.decks.record import Became, Decided, Entry, HandedOver, Loaded, Observed, Order, Ordered, Passed
from beatsync.terminal.cue_lines import cue_record

VERSION: Final = 1

_VERDICTS: Final[Mapping[str, type[Verdict]]] = {
    kind.__name__: kind for kind in (Adjusted, Jumped, Paused, Resumed, TrackChanged, Lost)
}


class FeedLine(Struct, frozen=True):
    """A feed as it was at the start, and how it was followed."""

    name: str
    character: Character
    following: Following


class DeckLine(Struct, frozen=True):
    """What led a deck: `feeds` in order of preference, none for a clock of its own."""

    feeds: tuple[FeedLine, ...]
    hand_back: DurationNs


class TraceLine(Struct, frozen=True, tag_field="type", tag="trace"):
    """How a session begins. `wall`: civil time at `at`."""

    version: int
    at: HostNs
    wall: WallNs
    config: str
    decks: dict[str, DeckLine]


class HeardLine(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="heard"):
    """What a feed said: `host` and what follows is the observation."""

    at: HostNs
    deck: str
    feed: int
    host: HostNs
    position: TrackNs | None = None
    playing: bool | None = None
    rate: Rate | None = None
    jump: bool = False
    track: TrackHint | None = None
    slack: DurationNs = NO_TIME


class BecameLine(Struct, frozen=True, tag_field="type", tag="became"):
    """A feed has turned out to be such a clock."""

    at: HostNs
    deck: str
    feed: int
    character: Character


class PassedLine(Struct, frozen=True, tag_field="type", tag="passed"):
    """What leads a deck was told that time has passed."""

    at: HostNs
    deck: str


class DecidedLine(Struct, frozen=True, tag_field="type", tag="decided"):
    """What leads a deck has come to a verdict."""

    at: HostNs
    deck: str
    verdict: str
    value: dict[str, Any]


class LoadedLine(Struct, frozen=True, tag_field="type", tag="loaded"):
    """A deck has a track."""

    at: HostNs
    deck: str
    track: str
    place: int | None


class OrderedLine(Struct, frozen=True, tag_field="type", tag="ordered"):
    """A deck was told to stop, or to follow again."""

    at: HostNs
    deck: str
    order: Order


class HandedOverLine(Struct, frozen=True, tag_field="type", tag="on air"):
    """A deck is on air for these targets."""

    at: HostNs
    deck: str
    targets: tuple[str, ...]


class CueLine(Struct, frozen=True, tag_field="type", tag="cue"):
    """What became of a cue; `cue`: as `run --log-format json` writes it."""

    at: HostNs
    deck: str
    cue: dict[str, Any]


class LostLine(Struct, frozen=True, tag_field="type", tag="lost"):
    """So many lines could not be written: the disk did not keep up."""

    lines: int


class EndLine(Struct, frozen=True, tag_field="type", tag="end"):
    """The session was over."""

    at: HostNs


EntryLine: TypeAlias = HeardLine | BecameLine | PassedLine | DecidedLine | LoadedLine | OrderedLine | HandedOverLine
Line: TypeAlias = TraceLine | EntryLine | CueLine | LostLine | EndLine


def line_of(entry: Entry | Report) -> EntryLine | CueLine:  # noqa: PLR0911  one for each kind
    """The line that keeps it."""
    match entry:
        case Observed(at, deck, feed, told):
            return HeardLine(
                at=at,
                deck=deck,
                feed=feed,
                host=told.host,
                position=told.position,
                playing=told.playing,
                rate=told.rate,
                jump=told.jump,
                track=told.track,
                slack=told.slack,
            )
        case Became(at, deck, feed, character):
            return BecameLine(at, deck, feed, character)
        case Passed(at, deck):
            return PassedLine(at, deck)
        case Decided(at, deck, verdict):
            return DecidedLine(at, deck, type(verdict).__name__, to_builtins(verdict))
        case Loaded(at, deck, track, place):
            return LoadedLine(at, deck, track, place)
        case Ordered(at, deck, order):
            return OrderedLine(at, deck, order)
        case HandedOver(at, deck, targets):
            return HandedOverLine(at, deck, targets)
        case Report():
            return CueLine(entry.at, entry.outcome.deck, dict(cue_record(entry)))


def entry_of(line: EntryLine) -> Entry:  # noqa: PLR0911  one for each kind
    """What a line keeps. Raises ValueError for a verdict that there is not."""
    match line:
        case HeardLine():
            told = Observation(
                host=line.host,
                position=line.position,
                playing=line.playing,
                rate=line.rate,
                jump=line.jump,
                track=line.track,
                slack=line.slack,
            )
            return Observed(line.at, line.deck, line.feed, told)
        case BecameLine():
            return Became(line.at, line.deck, line.feed, line.character)
        case PassedLine():
            return Passed(line.at, line.deck)
        case DecidedLine():
            return Decided(line.at, line.deck, _verdict(line))
        case LoadedLine():
            return Loaded(line.at, line.deck, line.track, line.place)
        case OrderedLine():
            return Ordered(line.at, line.deck, line.order)
        case HandedOverLine():
            return HandedOver(line.at, line.deck, line.targets)


def _verdict(line: DecidedLine) -> Verdict:
    kind = _VERDICTS.get(line.verdict)
    if kind is None:
        raise ValueError(f"verdict {line.verdict!r}: expected one of {', '.join(_VERDICTS)}")
    return convert(line.value, kind)
