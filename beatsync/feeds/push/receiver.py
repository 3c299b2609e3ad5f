"""Pushed positions to observations: one sender at a time, its own clock understood, nothing old taken for new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.allowance import Allowance
from beatsync.core.observation import Observation
from beatsync.core.sender_clock import SenderClock, SenderNs
from beatsync.core.units import NO_TIME, HostNs, ms
from beatsync.feeds.feed import Listener
from beatsync.feeds.push.positions import Pushed
from beatsync.feeds.push.refusals import Unpushed
from beatsync.feeds.source_lock import SourceLock
from beatsync.web.refusals import Refusal

STALE: Final = ms(10_000)
"""What is older says nothing; and a clock that goes back further has been set."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request: how many positions were taken, and why others were not."""

    accepted: int
    ignored: tuple[Unpushed, ...]


class Receiver:
    """Takes what is pushed, and tells a listener."""

    def __init__(self, listener: Listener, *, name: str) -> None:
        """`name`: of the feed."""
        self._listener = listener
        self._name = name
        self._lock = SourceLock()
        self._allowance = Allowance()
        self._holder: tuple[str, str] | None = None
        self._clock = SenderClock()
        self._newest: SenderNs | None = None
        self._jump_is_owed = False

    def take(self, pushes: Sequence[Pushed], *, client: str, received: HostNs) -> Taken:
        """Tell of `pushes`, which `client` (an address) sent. Raises Refusal for a conflict or a flood."""
        if not self._allowance.take(len(pushes), received):
            raise Refusal(Unpushed.TOO_MANY, 429, "too many positions; send at most 30 a second")
        sender = (client, pushes[0].sender)
        if not self._lock.admits(sender, received):
            raise Refusal(
                Unpushed.SECOND_SENDER,
                409,
                "another sender is pushing; stop it, and try again when it has been silent for two seconds",
            )
        if sender != self._holder:
            self._hand_over(sender)
        # The last of a batch has waited least: only the others' own instants tell them apart.
        newest = max((push.sent for push in pushes if push.sent is not None), default=None)
        if newest is not None:
            self._clock.hear(newest, received)
        ignored = tuple(reason for push in pushes if (reason := self._tell(push, received)))
        for reason in ignored:
            self._listener.ignore(reason)
        return Taken(len(pushes) - len(ignored), ignored)

    def _hand_over(self, sender: tuple[str, str]) -> None:
        self._holder = sender
        self._clock = SenderClock()
        self._newest = None
        self._jump_is_owed = False
        self._listener.connected(" ".join(f"{self._name}, from {sender[0]} {sender[1]}".split()))

    def _tell(self, push: Pushed, received: HostNs) -> Unpushed | None:
        """Tell of one position; why not, if not."""
        host, slack = received, NO_TIME
        if push.sent is not None:
            if self._newest is not None and self._newest - STALE < push.sent <= self._newest:
                # Requests overtake each other: what has jumped before the last position has still jumped.
                self._jump_is_owed |= push.jump
                return Unpushed.OLDER
            self._newest = push.sent
            when = self._clock.at(push.sent)
            host, slack = when.host, when.slack
        if received - host > STALE:
            return Unpushed.STALE
        self._listener.observe(
            Observation(
                host=host,
                position=push.position,
                playing=push.playing,
                rate=push.rate,
                jump=push.jump or (self._jump_is_owed and push.position is not None),
                track=push.track,
                slack=slack,
            ),
        )
        self._jump_is_owed &= push.position is None
        return None
