"""Several feeds for one deck, in order of preference: which one leads, and what the deck does when that changes.

The next feed takes over when the leader is lost, or has been silent for longer than is worth while while another one is
heard; the preferred one leads again when it has been good for a while. Two feeds of one player differ by what their
offsets do not account for. The deck is led across that difference, or steps by it, and never by more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from beatsync.core.envelope import Line
from beatsync.core.playback import HELD, Adjusted, Held, Jumped, Paused, TrackChanged, Verdict
from beatsync.core.quality import Quality, State
from beatsync.core.slewing import Slewing
from beatsync.core.transport import NORMAL_RATE, Transport
from beatsync.core.units import DurationNs, HostNs, ms

TAKE_OVER: Final = ms(1000)
"""A leader that is silent for so long gives way to a feed that is heard: a network that stalls is mostly back sooner.

So does one that is paused and says nothing, while another feed is heard: its silence may mean anything.
"""

HAND_BACK: Final = ms(5000)
"""The preferred feed leads again when it has been good for so long: by then its line is as sharp as it gets at 10 Hz,
and a network that comes and goes does not make the deck change sides each time."""

NEAR: Final = ms(100)
"""Feeds that differ by no more than this follow one playback."""

REVIEW: Final = ms(250)
"""So often somebody looks at the feeds that say nothing."""

_LOCKED: Final = frozenset({State.LOCKED, State.SLEWING})


class Followed(Protocol):
    """A feed's estimator, or anything else that knows where playback is."""

    @property
    def transport(self) -> Transport | None:
        """The line that it would have the deck follow."""
        ...

    def quality(self, now: HostNs) -> Quality:
        """How well it follows."""
        ...


class Failover:
    """Chooses the leader. `hear` every verdict of every feed, `advance` when `next_deadline` says so."""

    __slots__ = ("_deck", "_feeds", "_good_since", "_hand_back", "_review", "leader")

    def __init__(self, feeds: Sequence[Followed], hand_back: DurationNs = HAND_BACK) -> None:
        """`feeds`: at least one, the preferred one first; `hand_back`: how long it must be good to lead again."""
        self._feeds = feeds
        self._hand_back = hand_back
        self._good_since: list[HostNs | None] = [None] * len(feeds)
        self._deck: Slewing | None = None
        self._review: HostNs | None = None
        self.leader = 0

    @property
    def transport(self) -> Transport | None:
        """The line that the deck follows."""
        return None if self._deck is None else self._deck.transport

    def quality(self, now: HostNs) -> Quality:
        """That of the leader."""
        return self._feeds[self.leader].quality(now)

    def hear(self, feed: int, verdict: Verdict, now: HostNs) -> Verdict:
        """What the deck is to do about a verdict of one of the feeds."""
        change = self._look(now)
        if feed == self.leader and (change is None or isinstance(verdict, TrackChanged)):
            return self._pass_on(verdict, now)
        return change or HELD

    def next_deadline(self) -> HostNs | None:
        """When to look again."""
        until = None if self._deck is None else self._deck.until
        return min((due for due in (self._review, until) if due is not None), default=None)

    def advance(self, now: HostNs) -> Verdict:
        """Time has passed."""
        change = self._look(now)
        if change is not None:
            return change
        if self._deck is not None and self._deck.advance(now):
            return Adjusted(transport=self._deck.transport)
        return HELD

    # Who leads

    def _look(self, now: HostNs) -> Verdict | None:
        """Look at all feeds; returns what the deck is to do if another one leads now."""
        if len(self._feeds) > 1:
            self._review = HostNs(now + REVIEW)
        for number, feed in enumerate(self._feeds):
            is_good = _is_good(feed.quality(now))
            since = self._good_since[number]
            self._good_since[number] = (now if since is None else since) if is_good else None
        best = self._best(now)
        if best == self.leader:
            return None
        self.leader = best
        return self._change_over(now)

    def _best(self, now: HostNs) -> int:
        has_to_go = self._has_to_go(now)
        for number, since in enumerate(self._good_since):
            if number == self.leader and not has_to_go:
                return number
            if since is not None and (has_to_go or now - since >= self._hand_back):
                return number
        return self.leader

    def _has_to_go(self, now: HostNs) -> bool:
        quality = self._feeds[self.leader].quality(now)
        if quality.state is State.FREEWHEELING:
            return quality.age is not None and quality.age >= TAKE_OVER
        return not _is_good(quality)

    # What the deck does

    def _change_over(self, now: HostNs) -> Verdict:
        line, deck = self._feeds[self.leader].transport, self._deck
        assert line is not None
        if not line.moving:
            self._put(line)
            return Paused(transport=line, why="another feed leads, and it is paused")
        if deck is not None and deck.transport.moving and self._is_near(line, now):
            return self._lead(line, now) or HELD
        went_from = None if deck is None else deck.transport.position_at(now)
        self._put(line)
        return Jumped(transport=line, went_from=went_from, went_to=line.position_at(now), why="another feed leads")

    def _is_near(self, line: Transport, now: HostNs) -> bool:
        assert self._deck is not None
        return abs(line.position_at(now) - self._deck.transport.position_at(now)) <= NEAR

    def _pass_on(self, verdict: Verdict, now: HostNs) -> Verdict:
        """A verdict of the leader; while the deck is still being led over to it, its adjustments only move the goal."""
        match verdict:
            case Held():
                return HELD
            case Adjusted(transport=transport) if self._deck is not None and self._deck.until is not None:
                return self._lead(transport, now) or HELD
            case _ if verdict.transport is not None:
                self._put(verdict.transport)
            case _:
                self._deck = None
        return verdict

    def _lead(self, line: Transport, now: HostNs) -> Adjusted | None:
        assert self._deck is not None
        goal = Line(line.host, float(line.track), line.rate / NORMAL_RATE, 0.0, 0.0, 0.0)
        step = self._deck.aim(goal, now)
        return None if step is None else Adjusted(transport=self._deck.transport, step=step)

    def _put(self, transport: Transport) -> None:
        if self._deck is None:
            self._deck = Slewing(transport)
        else:
            self._deck.put(transport)


def _is_good(quality: Quality) -> bool:
    """Whether a feed knows where playback is, and is heard."""
    if quality.state is State.PAUSED:
        return quality.age is not None and quality.age < TAKE_OVER
    return quality.state in _LOCKED
