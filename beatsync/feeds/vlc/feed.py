"""VLC's web interface as a feed: the coarse thing that it is, made the most of.

VLC renews its position three times a second, and tells nothing by itself: everything is found out by asking, at
intervals that beat with nothing. On the same machine VLC is followed better with `mpris`.
"""

from __future__ import annotations

import random  # noqa: TID251  the shell draws when to ask
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.core.observation import Accuracy, Character, RateKnowledge, TrackHint
from beatsync.core.units import NO_TIME, ms
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.passwords import find_password
from beatsync.feeds.polled_player import PolledPlayer, Snapshot, same_track
from beatsync.feeds.round_trips import RoundTrips
from beatsync.feeds.vlc.page import Answer, StatusPage, open_page
from beatsync.feeds.vlc.status import Unreadable, VlcStatus, parse_status
from beatsync.feeds.vlc.track_length import TrackLength

CHARACTER: Final = Character(
    accuracy=Accuracy.C,
    interval=ms(50),
    quantum=ms(313),
    rate=RateKnowledge.REPORTED,
    states_playing=True,
)

TOO_LONG: Final = "an answer that is too long"
WHOLE_SECONDS: Final = "a position that disagrees with the time, as of an MP3 file: only whole seconds are used"

CREDENTIAL_NAME: Final = "vlc-password"
"""What systemd may have its password as."""

LEAST_REST_SECONDS: Final = 0.015
MOST_REST_SECONDS: Final = 0.045
"""Between an answer and the next question, which takes 21 ms: 20 questions a second."""

QUICK: Final = ms(10)
"""An answer that takes no longer, but for VLC's pause, is dated to 5 ms: little beside how old positions are."""

_MOST_FAILURES: Final = 20


class VlcFeed:
    """One VLC, by its address."""

    def __init__(
        self,
        player: VlcPlayer,
        *,
        env: Mapping[str, str],
        clock: Clock,
        share: Callable[[], float] = random.random,
    ) -> None:
        """`env`: the environment, which may have the password; `share`: draws 0 to 1, where an interval lies."""
        self._player = player
        self._env = env
        self._clock = clock
        self._share = share

    @property
    def name(self) -> str:
        """What people call it."""
        return f"vlc {self._player.address}"

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        return CHARACTER

    async def listen(self, listener: Listener) -> Never:
        """Ask on and on, and tell every reading. Raises FeedTrouble."""
        password = await trio.to_thread.run_sync(
            partial(find_password, self._player.password, self._env, whose="vlc", credential=CREDENTIAL_NAME)
        )
        address = self._player.address
        async with open_page(address, password, who=f"vlc at {address}", clock=self._clock) as page:
            session = _Session(page, listener, who=f"vlc at {address}")
            while True:
                await session.ask()
                await trio.sleep(LEAST_REST_SECONDS + (MOST_REST_SECONDS - LEAST_REST_SECONDS) * self._share())


class _Session:
    """What one VLC has said since it is followed."""

    def __init__(self, page: StatusPage, listener: Listener, *, who: str) -> None:
        self._page = page
        self._listener = listener
        self._who = who
        self._player = PolledPlayer()
        self._trips = RoundTrips(QUICK)
        self._stated: tuple[TrackHint | None, int] = (None, 0)
        self._length = TrackLength(0)
        self._known = False
        self._failures = 0

    async def ask(self) -> None:
        """Ask once, and tell what follows."""
        answer = await self._page.ask()
        try:
            status = _status_in(answer)
        except Unreadable as unreadable:
            self._listener.ignore(str(unreadable))
            self._failures += 1
            if self._failures > _MOST_FAILURES:
                raise FeedTrouble(f"{self._who} sends {unreadable}; is that VLC's web interface?") from None
        else:
            self._failures = 0
            self._tell(status, answer)

    def _tell(self, status: VlcStatus, answer: Answer) -> None:
        if not self._known:
            self._known = True
            self._listener.connected(f"VLC {status.version}{self._who.removeprefix('vlc')}")
        snapshot = self._snapshot_of(status)
        reading = self._player.take(snapshot, self._trips.stamp(answer.asked, answer.answered), at=answer.answered)
        for reason in reading.ignored:
            self._listener.ignore(reason)
        if reading.observation is not None:
            self._listener.observe(reading.observation)
        if self._player.is_mute(answer.answered):
            raise FeedTrouble(f"{self._who} says that it plays, but its position does not move; is it a live stream?")

    def _snapshot_of(self, status: VlcStatus) -> Snapshot:
        if (status.track, status.length) != self._stated:
            self._length = TrackLength(status.length, trusted=self._stated[1] == 0 or not self._same_track(status))
            self._stated = (status.track, status.length)
        unread, position, doubt = status.unread, None, NO_TIME
        if status.place is not None:
            place = self._length.place(*status.place)
            position, doubt = place.position, place.doubt
            unread = unread if place.fine else (*unread, WHOLE_SECONDS)
        return Snapshot(
            status=status.status,
            position=position,
            rate=status.rate,
            track=status.track,
            loops=status.repeats,
            doubt=doubt,
            unread=unread,
        )

    def _same_track(self, status: VlcStatus) -> bool:
        """Whether it is the track of the last answer, of which VLC now believes that it is longer or shorter."""
        return status.track is not None and same_track(status.track, self._stated[0])


def _status_in(answer: Answer) -> VlcStatus:
    if answer.body is None:
        raise Unreadable(TOO_LONG)
    return parse_status(answer.body)
