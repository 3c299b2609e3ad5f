"""Where a deck's playback stands, told from all of its feeds together. It is handed instants and reads no clock.

    observation ──▶ estimator of that feed ──▶ fail-over ──▶ scrubbing ──▶ verdict for the deck

What is due by an instant is done at the instants at which it fell due, however late somebody looks: the same
observations give the same verdicts, bit for bit (`beatsync simulate` rests on that).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.estimator import Estimator
from beatsync.core.failover import HAND_BACK, Failover
from beatsync.core.observation import Character, Following, Observation, TrackHint
from beatsync.core.playback import Held, TrackChanged, Verdict
from beatsync.core.quality import Quality, State
from beatsync.core.scrubbing import Scrubbing
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs

_LONG_AGO: Final = HostNs(-(2**63))


@dataclass(frozen=True, slots=True)
class Followed:
    """One feed: what sort of clock it is, and how the user wants it followed."""

    character: Character
    following: Following


class Playhead:
    """One deck's. `hear` whatever a feed says, `advance` when `next_deadline` is due; both tell what the deck does."""

    def __init__(self, feeds: Sequence[Followed], *, hand_back: DurationNs = HAND_BACK) -> None:
        """`feeds`: at least one, the preferred one first; `hand_back`: as Failover has it."""
        self._feeds = list(feeds)
        self._estimators = [Estimator(feed.character, feed.following) for feed in feeds]
        self._failover = Failover(self._estimators, hand_back)
        self._scrubbing = Scrubbing()
        self._transport: Transport | None = None
        self._track: TrackHint | None = None
        self._now = _LONG_AGO

    # Inputs

    def become(self, feed: int, character: Character) -> None:
        """A feed has turned out to be another sort of clock. One that is followed already goes on as it was."""
        known = self._feeds[feed]
        if character == known.character or self.quality_of(feed, self._now).state is not State.WAITING:
            return
        self._feeds[feed] = Followed(character, known.following)
        self._estimators[feed] = Estimator(character, known.following)

    def hear(self, feed: int, observation: Observation, now: HostNs) -> list[Verdict]:
        """A feed says something, which arrives `now`. What fell due before that comes first."""
        verdicts = self.advance(now)
        self._now = max(self._now, now)
        verdicts += self._tell(feed, self._estimators[feed].observe(observation), self._now)
        return verdicts

    def advance(self, now: HostNs) -> list[Verdict]:
        """Time has passed: what has fallen due by `now`, in order."""
        verdicts: list[Verdict] = []
        while (deadline := self.next_deadline()) is not None and deadline <= now:
            self._now = max(self._now, deadline)
            verdicts += self._advance_to(self._now)
        return verdicts

    def _advance_to(self, now: HostNs) -> Iterator[Verdict]:
        for number, estimator in enumerate(self._estimators):
            if _is_due(estimator.next_deadline(), now):
                yield from self._tell(number, estimator.advance(now), now)
        if _is_due(self._failover.next_deadline(), now):
            yield from self._give(self._failover.advance(now), now)
        if _is_due(self._scrubbing.next_deadline(), now):
            yield from self._given(self._scrubbing.advance(now))

    def _tell(self, feed: int, verdict: Verdict, now: HostNs) -> Iterator[Verdict]:
        leader = self._failover.leader
        verdict = self._failover.hear(feed, verdict, now)
        if self._failover.leader != leader:
            yield from self._named_by_new_leader(verdict)
        yield from self._give(verdict, now)

    def _named_by_new_leader(self, verdict: Verdict) -> Iterator[Verdict]:
        """Another feed leads, and has another name for what plays: the deck has to find out whether it is the same."""
        track = self.track
        if track is not None and track != self._track and not isinstance(verdict, TrackChanged):
            yield from self._given(TrackChanged(track=track, transport=self._transport))

    def _give(self, verdict: Verdict, now: HostNs) -> Iterator[Verdict]:
        yield from self._given(self._scrubbing.hear(verdict, now))

    def _given(self, verdict: Verdict) -> Iterator[Verdict]:
        if isinstance(verdict, Held):
            return
        self._transport = verdict.transport
        if isinstance(verdict, TrackChanged):
            self._track = verdict.track
        yield verdict

    # Queries

    def next_deadline(self) -> HostNs | None:
        """When to call `advance` next; None when nothing happens by itself."""
        dues = [estimator.next_deadline() for estimator in self._estimators]
        dues += [self._failover.next_deadline(), self._scrubbing.next_deadline()]
        return min((due for due in dues if due is not None), default=None)

    @property
    def transport(self) -> Transport | None:
        """The line that the deck follows; None before the first lock, and where playback is stopped."""
        return self._transport

    @property
    def track(self) -> TrackHint | None:
        """What the leading feed says of the track that plays."""
        return self._estimators[self._failover.leader].track

    @property
    def leader(self) -> int:
        """Which feed leads."""
        return self._failover.leader

    def quality(self, now: HostNs) -> Quality:
        """How well the leading feed is followed."""
        return self._failover.quality(now)

    def quality_of(self, feed: int, now: HostNs) -> Quality:
        """How well one feed is followed."""
        return self._estimators[feed].quality(now)

    def transport_of(self, feed: int) -> Transport | None:
        """The line that one feed would have the deck follow."""
        return self._estimators[feed].transport


def _is_due(deadline: HostNs | None, now: HostNs) -> bool:
    return deadline is not None and deadline <= now
