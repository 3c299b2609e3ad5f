"""What a deck tells people of what happens to it."""

from __future__ import annotations

from typing import Any, Final

from beatsync.clock import Clock
from beatsync.core.engine import MAIN_DECK
from beatsync.core.playback import Adjusted, Jumped, Lost, Paused, Resumed, TrackChanged, Verdict
from beatsync.core.transport import NORMAL_RATE, Transport
from beatsync.core.units import DurationNs, TrackNs, clock_face, ms, seconds_from_ns
from beatsync.decks.material import Material
from beatsync.decks.news import News, Tell
from beatsync.decks.player_tracks import described
from beatsync.feeds.keeping import FeedConnected, FeedIgnored, FeedRemark, FeedTroubled

WORTH_SAYING: Final = ms(20)
"""A step of the line by less is the estimator's own affair; so is the one that follows a jump or a pause."""

WORTH_SAYING_OF_RATES: Final = NORMAL_RATE // 1000


class Telling:
    """Words for one deck's doings."""

    def __init__(self, deck: str, clock: Clock, tell: Tell) -> None:
        """`tell`: who is told."""
        self._deck = deck
        self._clock = clock
        self._tell = tell
        self._catches_up = False

    def said(self, event: str, text: str, *, grave: bool = False, **fields: Any) -> None:
        """Tell one thing."""
        name = "" if self._deck == MAIN_DECK else f"deck {self._deck}: "
        self._tell(News(self._clock.now(), event, f"{name}{text}", {"deck": self._deck, **fields}, grave))

    def trouble(self, text: str) -> None:
        """Something that a person should see to."""
        self.said("trouble", text, grave=True)

    def loaded(self, material: Material, *, is_another: bool) -> None:
        """A track is loaded, or the one that was has changed."""
        for note in material.notes:
            self.said("note", f"note: {note}", grave=True, place=note.place, message=note.message)
        text = f"{material.name}, {clock_face(material.track.duration)}, {len(material.schedule)} cues"
        self.said(
            "loaded",
            f"loaded {text}" if is_another else f"{text}: it goes on with what has changed",
            track=material.name,
            duration=seconds_from_ns(material.track.duration),
            cues=len(material.schedule),
        )

    def looking(self, named: str, track: str) -> None:
        """The player plays another track, which is being had."""
        self.said("looking", f"the player plays {named}: loading {track}; until then nothing fires", track=track)

    def verdict(self, verdict: Verdict, who: str) -> None:
        """What leads it has said something; `who`: what people call that."""
        catches_up, self._catches_up = self._catches_up, isinstance(verdict, Jumped | Resumed | TrackChanged)
        match verdict:
            case Jumped(foreseen=True):
                pass
            case Jumped(transport=transport, went_to=went_to, why=why, went_from=went_from):
                came = "" if went_from is None else f"from {clock_face(went_from)} "
                event = "play" if went_from is None and transport.moving else "seek"
                self._moved(event, transport, f"{came}({why})", position=went_to)
            case Paused(transport=transport, why=why):
                self._moved("pause", transport, f"({why})")
            case Resumed(transport=transport):
                self._moved("play", transport, "")
            case Adjusted(transport=transport, step=step) if abs(step) >= WORTH_SAYING and not catches_up:
                self._moved("step", transport, f"by {_signed(step)} ms")
            case TrackChanged(track=track, transport=transport):
                self._plays(who, described(track), transport)
            case Lost(when_lost=when_lost):
                self.said("lost", f"nothing is heard of playback any more: {when_lost}", grave=True)
            case _:
                pass

    def _plays(self, who: str, track: str, transport: Transport | None) -> None:
        """The player has named what it plays, which is what is loaded."""
        if transport is None:
            self.said("track", f"{who} plays {track}", plays=track, position=None)
            return
        position = transport.position_at(self._clock.now())
        does = "plays" if transport.moving else "is paused in"
        text = f"{who} {does} {track}, {_place(position)}{_pace(transport)}"
        self.said("track", text, plays=track, position=seconds_from_ns(position))

    def feed(self, remark: FeedRemark) -> None:
        """A feed says something of itself."""
        match remark:
            case FeedConnected(feed, source):
                self.said("feed", f"{feed}: {source} answers", feed=feed, state="connected", source=source)
            case FeedTroubled(feed, reason):
                text = reason if feed in reason else f"{feed}: {reason}"
                self.said("feed", text, grave=True, feed=feed, state="troubled", reason=reason)
            case FeedIgnored(feed, reason):
                self.said("feed", f"{feed}: ignored: {reason} (told once)", feed=feed, state="ignored", reason=reason)

    def _moved(self, event: str, transport: Transport, rest: str, position: TrackNs | None = None) -> None:
        here = transport.position_at(self._clock.now()) if position is None else position
        text = f"{event} {_place(here)}{_pace(transport)} {rest}".rstrip()
        self.said(event, text, position=seconds_from_ns(here), rate=transport.rate / NORMAL_RATE)


def _place(position: TrackNs) -> str:
    return f"in {clock_face(-position)}" if position < 0 else f"at {clock_face(position)}"


def _pace(transport: Transport) -> str:
    """How fast, where anybody could hear that; two crystals are never quite alike."""
    if not transport.moving or abs(transport.rate - NORMAL_RATE) < WORTH_SAYING_OF_RATES:
        return ""
    return f", at {transport.rate / NORMAL_RATE:.3f} of its rate"


def _signed(step: DurationNs) -> str:
    return f"{step / ms(1):+.0f}"
