"""The OSC feed on a real port: stamps, strangers, floods, hostile datagrams."""

from __future__ import annotations

import random  # noqa: TID251  seeded
import struct
from dataclasses import replace
from ipaddress import ip_network

import pytest
import trio

from beatsync.core.observation import Observation
from beatsync.core.position_units import placement
from beatsync.core.units import TrackNs, ms, ns_from_seconds
from beatsync.feeds.datagrams import AT_ONCE
from beatsync.feeds.osc.unread import Unread
from tests.core.shows import song
from tests.core.test_osc_reading import SEEDS, bundle, mutated
from tests.feeds.osc.players import CLOCK, listening, packet, plain, sender, settings, trouble_of
from tests.needs import needs


def positions(observations: list[Observation]) -> list[float]:
    """In seconds, of those that have one."""
    return [one.position / 10**9 for one in observations if one.position is not None]


async def test_a_position_carries_the_instant_at_which_the_kernel_received_it() -> None:
    async with listening(plain()) as (feed, heard):
        with sender() as player:
            before = CLOCK.now()
            player.sendto(packet("/position", 12.5), ("127.0.0.1", feed.port))
            after = CLOCK.now()
        (observation,) = await heard.wait_for(1)
    assert observation == Observation(host=observation.host, position=TrackNs(12_500_000_000))
    assert before - ms(1) <= observation.host <= after + ms(1)
    assert heard.sources == ["osc port 9000, from 127.0.0.1"]


async def test_liblo_s_own_sender_is_understood() -> None:
    """Independent of python-osc; each oscsend is a socket of its own, and the feed stays with the machine it is on."""
    oscsend = needs("liblo-tools", "oscsend")
    async with listening(plain(play="/playing", track="/track")) as (feed, heard):
        for words in (
            ["/position", "f", "12.5"],
            ["/playing", "T"],
            ["/track", "s", "One Two"],
            ["/position", "d", "13"],
        ):
            await trio.run_process([oscsend, "127.0.0.1", str(feed.port), *words])
        observations = await heard.wait_for(4)
    assert [one.position for one in observations] == [12_500_000_000, None, None, 13_000_000_000]
    assert observations[1].playing is True
    assert observations[2].track is not None
    assert observations[2].track.title == "One Two"
    assert heard.ignored.total() == 0


async def test_a_bundle_is_read_in_its_order_and_its_time_tag_is_not_waited_for() -> None:
    """K3"""
    later = bundle(packet("/playing", 1), packet("/position", 2.0), time_tag=b"\xff" * 8)
    async with listening(plain(play="/playing")) as (feed, heard):
        with sender() as player:
            now = CLOCK.now()
            player.sendto(later, ("127.0.0.1", feed.port))
            playing, position = await heard.wait_for(2)
    assert (playing.playing, position.position) == (True, ns_from_seconds(2.0))
    assert playing.host == position.host >= now - ms(1)


async def test_beats_find_their_place_once_a_track_is_loaded() -> None:
    place = placement(song("Intro 4"))
    loaded = False
    chosen = plain(unit="beats")
    async with listening(chosen, place=lambda value, unit: place(value, unit) if loaded else None) as (feed, heard):
        with sender() as player:
            player.sendto(packet("/position", 4.0), ("127.0.0.1", feed.port))
            await heard.wait_ignored(1)
            loaded = True
            player.sendto(packet("/position", 4.0), ("127.0.0.1", feed.port))
            (observation,) = await heard.wait_for(1)
    assert heard.ignored == {Unread.NO_PLACE: 1}
    assert observation.position == ns_from_seconds(2.0)


async def test_positions_that_make_no_sense_are_counted_and_the_next_good_one_is_heard() -> None:
    """F7"""
    async with listening(plain()) as (feed, heard):
        with sender() as player:
            for value in (float("nan"), float("inf"), -1.0, 1e30, "abc", 5.0):
                player.sendto(packet("/position", value), ("127.0.0.1", feed.port))
            (observation,) = await heard.wait_for(1)
    assert observation.position == ns_from_seconds(5.0)
    assert heard.ignored == {Unread.NOT_A_NUMBER: 3, Unread.NEGATIVE: 1, Unread.TOO_LARGE: 1}


async def test_a_second_sender_is_told_of_and_not_followed_while_the_first_one_speaks() -> None:
    """F11"""
    async with listening(plain()) as (feed, heard):
        with sender("127.0.0.1") as first, sender("127.0.0.2") as second:
            for step in range(3):
                first.sendto(packet("/position", float(step)), ("127.0.0.1", feed.port))
                second.sendto(packet("/position", 100.0 + step), ("127.0.0.1", feed.port))
            await heard.wait_ignored(3)
            await heard.wait_for(3)
    assert positions(heard.observations) == [0.0, 1.0, 2.0]
    assert heard.ignored == {Unread.SECOND_SENDER: 3}
    assert heard.sources == ["osc port 9000, from 127.0.0.1"]


async def test_what_does_not_matter_and_what_cannot_be_read_holds_no_feed() -> None:
    """F11"""
    async with listening(plain()) as (feed, heard):
        with sender("127.0.0.2") as noise, sender("127.0.0.1") as player:
            noise.sendto(packet("/other", 1.0), ("127.0.0.1", feed.port))
            noise.sendto(b"noise", ("127.0.0.1", feed.port))
            player.sendto(packet("/position", 1.0), ("127.0.0.1", feed.port))
            await heard.wait_for(1)
    assert positions(heard.observations) == [1.0]


async def test_only_listed_senders_are_heard() -> None:
    """F11"""
    chosen = replace(plain(), senders=(ip_network("127.0.0.2"),))
    async with listening(chosen) as (feed, heard):
        with sender("127.0.0.1") as spoof, sender("127.0.0.2") as player:
            spoof.sendto(packet("/position", 99.0), ("127.0.0.1", feed.port))
            player.sendto(packet("/position", 1.0), ("127.0.0.1", feed.port))
            await heard.wait_for(1)
            await heard.wait_ignored(1)
    assert positions(heard.observations) == [1.0]
    assert heard.ignored == {Unread.UNLISTED_SENDER: 1}


async def test_of_a_flood_the_last_positions_are_heard_in_order() -> None:
    """F12: 200 datagrams wait before the feed is asked to read any."""
    async with listening(plain()) as (feed, heard):
        with sender() as player:
            for step in range(200):
                player.sendto(packet("/position", step / 1024), ("127.0.0.1", feed.port))
        await heard.wait_for(AT_ONCE)
    assert positions(heard.observations)[-AT_ONCE:] == pytest.approx(
        [step / 1024 for step in range(200 - AT_ONCE, 200)]
    )
    assert len(heard.observations) < 200


@pytest.mark.parametrize("seed", range(5))
async def test_hostile_datagrams_change_nothing(seed: int) -> None:
    """K1, K2: no exception, no observation; the next good position is heard."""
    chance = random.Random(seed)
    hostile = [mutated(chance.choice(SEEDS), chance) for _ in range(150)]
    hostile += [chance.randbytes(chance.choice([0, 1, 4, 100, 4096, 9000])) for _ in range(50)]
    hostile += [packet("/position", "x" * 5000), bundle() + struct.pack(">i", -4), b"\0" * 65_507]
    async with listening(plain(address="/position", port=9000)) as (feed, heard):
        with sender() as player:
            for number in range(0, len(hostile), 20):
                for data in hostile[number : number + 20]:
                    player.sendto(data, ("127.0.0.1", feed.port))
                player.sendto(packet("/position", number / 1024), ("127.0.0.1", feed.port))
                await heard.wait_for(number // 20 + 1)
    assert positions(heard.observations) == pytest.approx([number / 1024 for number in range(0, len(hostile), 20)])
    assert all(len(reason) < 120 for reason in heard.ignored)


async def test_a_port_that_another_program_has_is_trouble() -> None:
    async with listening(plain()) as (feed, _):
        assert "cannot listen on udp 127.0.0.1" in await trouble_of(replace(plain(), port=feed.port))


async def test_a_player_whose_name_nobody_knows_is_trouble() -> None:
    chosen = settings(preset="qlab")
    nobody = replace(chosen, peer=replace(chosen.peer, host="nobody.invalid"))  # type: ignore[type-var]
    assert "no IPv4 address for 'nobody.invalid'; give the player's address in peer" in await trouble_of(nobody)
