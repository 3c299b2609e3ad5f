"""A deck that leads itself: start times and commands by hand."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.config.starts import StartArmed, StartAt, StartNow
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, WallNs, ms, ns_from_seconds
from beatsync.decks.commands import SetRate
from beatsync.decks.state import Playback
from beatsync.errors import UsageError
from beatsync.feeds.start import transport_of_start
from tests.decks.booth import Booth, one_deck

IN_A_SECOND = 1.0


def test_a_start_in_the_past_gives_a_position_and_one_in_the_future_a_countdown() -> None:
    """F14."""
    now, wall = HostNs(5_000), WallNs(10**18)
    past = transport_of_start(StartAt(WallNs(wall - 7_000)), now=now, wall=wall)
    future = transport_of_start(StartAt(WallNs(wall + 7_000)), now=now, wall=wall)
    assert past is not None
    assert future is not None
    assert (past.position_at(now), future.position_at(now)) == (7_000, -7_000)
    assert transport_of_start(StartNow(), now=now, wall=wall) == Transport(now, TrackNs(0))
    assert transport_of_start(StartArmed(), now=now, wall=wall) is None


async def test_a_deck_says_what_it_does(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    start = TrioClock().wall() / 1e9 + IN_A_SECOND
    booth = Booth(nursery, one_deck(f"{start:.3f}"))
    deck = booth.deck
    assert deck.state().playback is Playback.ARMED
    booth.begin()
    assert deck.state().playback is Playback.COUNTDOWN
    await trio.sleep(2)
    assert (deck.state().playback, deck.state().position) == (Playback.PLAYING, 10**9)
    deck.pause()
    await trio.sleep(5)
    assert (deck.state().playback, deck.state().position) == (Playback.PAUSED, 10**9)
    deck.play()
    await trio.sleep(20)
    assert deck.state().playback is Playback.ENDED


@pytest.mark.parametrize("step", [3600, -3600, 86_400, -86_400, 1])
async def test_a_step_of_the_wall_clock_changes_nothing_after_the_start(
    step: int,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
) -> None:
    """H1: an hour, a day, a leap second; civil time is read once."""

    class SteppingClock(TrioClock):
        offset = 0

        def wall(self) -> WallNs:
            return WallNs(super().wall() + self.offset)

    clock = SteppingClock()
    start = clock.now()
    booth = Booth(nursery, one_deck(f"{clock.wall() / 1e9 + IN_A_SECOND:.3f}"), clock=clock)
    booth.begin()
    await trio.sleep(2.1)
    clock.offset = step * 10**9
    await trio.sleep(20)
    sent_at = [report.at - start for report in booth.reports]
    assert sent_at == [ms(1000) + beat * 5 * 10**8 for beat in range(16)]


async def test_playing_after_the_end_starts_anew(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    await trio.sleep(9)
    assert booth.deck.state().playback is Playback.ENDED
    booth.deck.play()
    await trio.sleep(0.1)
    assert booth.sent[-1] == "/beat 1 1"
    assert booth.deck.state().playback is Playback.PLAYING


async def test_a_seek_beyond_the_end_is_refused_and_changes_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    await trio.sleep(1)
    with pytest.raises(UsageError, match=r"seek to 0:08\.100: the track ends at 0:08\.000"):
        booth.deck.seek(TrackNs(8_100_000_000))
    assert booth.deck.state().position == 10**9


async def test_a_rate_is_for_what_plays_and_for_what_will(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck())
    await booth.desk.do(SetRate(2.0))
    booth.deck.play()
    await trio.sleep(1)
    assert booth.deck.state().position == 2 * 10**9
    await booth.desk.do(SetRate(0.5))
    await trio.sleep(1)
    assert booth.deck.state().position == ns_from_seconds(2.5)
    with pytest.raises(UsageError, match=r"expected 0\.05 to 8"):
        await booth.desk.do(SetRate(0))


async def test_a_stop_is_for_good_until_somebody_says_play(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck("now"))
    booth.begin()
    await trio.sleep(1.1)
    booth.deck.stop()
    count = len(booth.sent)
    await trio.sleep(10)
    assert (len(booth.sent), booth.deck.state().playback) == (count, Playback.ARMED)
    booth.deck.seek(TrackNs(4 * 10**9))
    assert booth.deck.state().playback is Playback.PAUSED
    booth.deck.play()
    await trio.sleep(0.1)
    assert booth.sent[count:] == ["/beat 3 1"]
