"""Several feeds for one deck, in order of preference: which one leads, and what the deck does when that changes.

The next feed takes over when the leader is lost, or has been at a loss for longer than is worth while while another one
knows better; a preferred one leads again when it has been good for a while. Two feeds of one player differ by what
their offsets do not account for. The deck is led across that difference, or steps by it, and never by more.
With one feed it is that feed's estimator and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beatsync.core.envelope import Line
from beatsync.core.estimator import Estimator
from beatsync.core.hearing import is_another_track
from beatsync.core.observation import Character, Observation, TrackHint
from beatsync.core.playback import HELD, Adjusted, Held, Jumped, Paused, TrackChanged, Verdict
from beatsync.core.quality import Quality, State
from beatsync.core.slewing import Slewing
from beatsync.core.transport import NORMAL_RATE, Transport
from beatsync.core.units import DurationNs, HostNs, ms

TAKE_OVER: Final = ms(1000)
"""A leader that is silent or at a loss for so long gives way: a network that stalls is mostly back sooner.

So does one that is paused and says nothing: its silence may mean anything.
"""

HAND_BACK: Final = ms(5000)
"""The preferred feed leads again when it has been good for so long: by then its line is as sharp as it gets at 10 Hz,
and a network that comes and goes does not make the deck change sides each time."""

NEAR: Final = ms(100)
"""Feeds that differ by no more than this follow one playback."""

REVIEW: Final = ms(250)
"""So often somebody looks at the feeds that say nothing."""

_LOCKED: Final = frozenset({State.LOCKED, State.SLEWING})


class Failover:
    """Follows several feeds as if they were one. `feeds`: their estimators; `leader`: the number of the one that leads.

    Driven as an estimator is.
    """

    __slots__ = ("_at_a_loss_since", "_deck", "_good_since", "_hand_back", "_review", "_track", "feeds", "leader")

    def __init__(self, feeds: Sequence[Estimator], *, hand_back: DurationNs = HAND_BACK) -> None:
        """`feeds`: at least one, the preferred one first; `hand_back`: how long it must be good to lead again."""
        self.feeds = tuple(feeds)
        self.leader = 0
        self._hand_back = hand_back
        self._good_since: list[HostNs | None] = [None] * len(feeds)
        self._at_a_loss_since: HostNs | None = None
        self._deck: Slewing | None = None
        self._review: HostNs | None = None
        self._track: TrackHint | None = None

    # Inputs

    def observe(self, feed: int, observation: Observation, now: HostNs) -> Verdict:
        """The feed of this number says something; returns what the deck is to do."""
        return self._hear(feed, self.feeds[feed].observe(observation, now), now)

    def become(self, feed: int, character: Character) -> None:
        """The feed of this number has turned out to be such a clock."""
        self.feeds[feed].become(character)

    def advance(self, now: HostNs) -> Verdict:
        """Time has passed. One thing at a time: there may be another deadline that is due."""
        for number, feed in enumerate(self.feeds):
            due = feed.next_deadline()
            if due is not None and due <= now:
                return self._hear(number, feed.advance(now), now)
        change = self._look(now)
        if change is not None:
            return change
        if self._deck is not None and self._deck.advance(now):
            return Adjusted(transport=self._deck.transport)
        return HELD

    # Queries

    @property
    def transport(self) -> Transport | None:
        """The line that the deck follows; None where there is none."""
        return None if self._deck is None else self._deck.transport

    @property
    def track(self) -> TrackHint | None:
        """What the player is said to play."""
        return self._track

    def quality(self, now: HostNs) -> Quality:
        """That of the leader."""
        return self.feeds[self.leader].quality(now)

    def next_deadline(self) -> HostNs | None:
        """When to call `advance` next; None when nothing happens by itself."""
        until = None if self._deck is None else self._deck.until
        dues = (self._review, until, *(feed.next_deadline() for feed in self.feeds))
        return min((due for due in dues if due is not None), default=None)

    # Who leads

    def _hear(self, feed: int, verdict: Verdict, now: HostNs) -> Verdict:
        """What the deck is to do about a verdict of one of the feeds."""
        change = self._look(now)
        if feed == self.leader and (change is None or isinstance(verdict, TrackChanged)):
            return self._pass_on(verdict, now)
        return change or HELD

    def _look(self, now: HostNs) -> Verdict | None:
        """Look at all feeds; returns what the deck is to do if another one leads now."""
        if len(self.feeds) == 1:
            return None
        self._review = HostNs(now + REVIEW)
        for number, feed in enumerate(self.feeds):
            since = self._good_since[number]
            self._good_since[number] = (now if since is None else since) if _is_good(feed, now) else None
        best = self._best(now)
        if best == self.leader:
            return None
        self.leader, self._at_a_loss_since = best, None
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
        """Whether the leader leads no more, if there is a better one."""
        leader = self.feeds[self.leader]
        if self._good_since[self.leader] is not None:
            self._at_a_loss_since = None
            return False
        if self._at_a_loss_since is None:
            self._at_a_loss_since = now
        return leader.state(now) is State.LOST or not _is_heard(leader, now) or now - self._at_a_loss_since >= TAKE_OVER

    # What the deck does

    def _change_over(self, now: HostNs) -> Verdict:
        leader, deck = self.feeds[self.leader], self._deck
        line, hint = leader.transport, leader.track
        assert line is not None
        if hint is not None and (self._track is None or is_another_track(self._track, hint)):
            return self._pass_on(TrackChanged(track=hint, transport=line), now)
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
            case TrackChanged(track=track):
                self._track = track
            case Adjusted(transport=transport) if self._deck is not None and self._deck.until is not None:
                return self._lead(transport, now) or HELD
            case _:
                pass
        if verdict.transport is None:
            self._deck = None
        else:
            self._put(verdict.transport)
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


def _is_good(feed: Estimator, now: HostNs) -> bool:
    """Whether a feed knows where playback is, and is heard."""
    state = feed.state(now)
    return state in _LOCKED or (state is State.PAUSED and _is_heard(feed, now))


def _is_heard(feed: Estimator, now: HostNs) -> bool:
    age = feed.age(now)
    return age is not None and age < max(TAKE_OVER, feed.silence)
