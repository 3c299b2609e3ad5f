"""What a deck tells people of what happens to it."""

from __future__ import annotations

from typing import Any

from beatsync.clock import Clock
from beatsync.core.engine import MAIN_DECK
from beatsync.core.playback import Adjusted, Jumped, Lost, Paused, Resumed, Verdict
from beatsync.core.schedule import Phase
from beatsync.core.transport import NORMAL_RATE, Transport
from beatsync.core.units import DurationNs, clock_face, ms, seconds_from_ns
from beatsync.decks.material import Material
from beatsync.decks.news import News, Tell
from beatsync.feeds.keeping import FeedConnected, FeedIgnored, FeedRemark, FeedTroubled

WORTH_SAYING = ms(20)
"""A step of the line by less is the estimator's own affair."""


class Telling:
    """Words for one deck's doings."""

    def __init__(self, deck: str, clock: Clock, tell: Tell) -> None:
        """`tell`: who is told."""
        self._deck = deck
        self._clock = clock
        self._tell = tell

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

    def verdict(self, verdict: Verdict) -> None:
        """What leads it has said something."""
        match verdict:
            case Jumped(transport=transport, why=why, went_from=None):
                self._moved("play" if transport.moving else "seek", transport, f"({why})")
            case Jumped(transport=transport, why=why, went_from=went_from):
                came = "" if went_from is None else f" from {clock_face(went_from)}"
                self._moved("seek", transport, f"{came.strip()} ({why})".strip())
            case Paused(transport=transport, why=why):
                self._moved("pause", transport, f"({why})")
            case Resumed(transport=transport):
                self._moved("play", transport, "")
            case Adjusted(transport=transport, step=step) if abs(step) >= WORTH_SAYING:
                self._moved("step", transport, f"by {_signed(step)} ms")
            case Lost(when_lost=when_lost, transport=transport):
                self.said("lost", f"nothing is heard of playback any more: {when_lost}", grave=True)
            case _:
                pass

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

    def _moved(self, event: str, transport: Transport, rest: str) -> None:
        position = transport.position_at(self._clock.now())
        rate = transport.rate / NORMAL_RATE
        pace = f", at {rate:.3f} of its rate" if transport.moving and transport.rate != NORMAL_RATE else ""
        where = f"in {clock_face(-position)}" if position < 0 else f"at {clock_face(position)}"
        self.said(event, f"{event} {where}{pace} {rest}".rstrip(), position=seconds_from_ns(position), rate=rate)


def _signed(step: DurationNs) -> str:
    return f"{step / ms(1):+.0f}"


def lying_before(material: Material, transport: Transport, now: Any) -> int:
    """How many cues lie before the position that playback joins at."""
    position = transport.position_at(now)
    return sum(cue.phase is Phase.START and cue.position < position for cue in material.schedule.cues)
