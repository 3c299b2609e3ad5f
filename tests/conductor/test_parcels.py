"""What shares a packet, and what is tagged with its instant."""

from __future__ import annotations

import struct
from dataclasses import replace

import trio
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from trio.testing import MockClock

from beatsync.conductor.actions import Seek
from beatsync.conductor.parcels import MANY_PARCELS, Parcel, volleys_of
from beatsync.core.engine import MAIN_DECK
from beatsync.core.limits import UNFRAGMENTED_BYTES
from beatsync.core.osc import ntp_of
from beatsync.core.targets import Carrier, Pace, Target
from beatsync.core.transport import PAUSED, Transport
from beatsync.core.units import HostNs, TrackNs, WallNs, ms
from tests.conductor.test_conductor import Stage
from tests.core.shows import TARGET

TWO = """
  - {on: beat, send: {address: /beat, args: [bar, beat]}}
  - {on: downbeat, send: {address: /downbeat, args: [bar]}}
"""
BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"


def staged(nursery: trio.Nursery, rules: str, target: Target) -> Stage:
    return Stage(nursery, rules, (target,))


def packets(stage: Stage) -> list[bytes]:
    return [packet for _, packet in stage.recorders["lights"].packets]


def tag_of(packet: bytes) -> int:
    assert packet.startswith(b"#bundle\0")
    return int(struct.unpack_from(">Q", packet, 8)[0])


async def test_cues_of_one_instant_share_a_bundle_where_the_target_takes_bundles(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    stage = staged(nursery, TWO, replace(TARGET, bundles=True))
    stage.play()
    await trio.sleep(0.6)
    first, second = packets(stage)
    assert [message.address for message in OscBundle(first)] == ["/beat", "/downbeat"]
    assert [message.address for message in OscBundle(second)] == ["/beat"]
    assert tag_of(first) == 1
    assert stage.conductor.snapshot().total.due == 3


async def test_a_bundle_never_grows_beyond_what_a_network_carries_in_one_piece(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    many = "\n".join(f"  - {{on: downbeat, send: {{address: /a{'b' * 40}{n}, args: [bar]}}}}" for n in range(60))
    stage = staged(nursery, many, replace(TARGET, bundles=True))
    stage.play()
    await trio.sleep(0.1)
    assert sum(len(list(OscBundle(packet))) for packet in packets(stage)) == 60
    assert len(packets(stage)) == 3
    assert all(len(packet) <= UNFRAGMENTED_BYTES for packet in packets(stage))


async def test_without_either_key_each_cue_is_a_plain_message(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = staged(nursery, TWO, TARGET)
    stage.play()
    await trio.sleep(0.1)
    assert [OscMessage(packet).address for packet in packets(stage)] == ["/beat", "/downbeat"]


async def test_a_tagged_cue_goes_out_ahead_and_carries_its_instant(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    stage = staged(nursery, BEATS, replace(TARGET, ahead=ms(200)))
    stage.play()
    start = stage.clock.now()
    await trio.sleep(1.4)
    sent = stage.recorders["lights"].packets
    assert [at - start for at, _ in sent] == [0, ms(300), ms(800), ms(1300)]
    instants = [HostNs(start + ms(500 * beat)) for beat in range(1, 4)]
    assert [tag_of(packet) for _, packet in sent[1:]] == [ntp_of(stage.clock.wall_of(at)) for at in instants]
    assert {report.outcome.verdict for report in stage.reports} == {"sent"}
    assert [report.outcome.due for report in stage.reports[1:]] == instants


async def test_what_is_due_at_once_is_tagged_immediately(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    rules = '  - {on: section, send: {address: "/section/{label}"}}'
    stage = staged(nursery, rules, replace(TARGET, ahead=ms(200)))
    stage.play(TrackNs(ms(4500)))
    (packet,) = packets(stage)
    assert tag_of(packet) == 1
    assert next(iter(OscBundle(packet))).address == "/section/Drop"


async def test_what_has_gone_out_ahead_of_a_pause_is_not_sent_again_after_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    stage = staged(nursery, BEATS, replace(TARGET, ahead=ms(200)))
    stage.play()
    await trio.sleep(0.4)
    assert len(packets(stage)) == 2
    now = stage.clock.now()
    stage.conductor.do(Seek(MAIN_DECK, Transport(now, TrackNs(ms(400)), PAUSED)))
    await trio.sleep(5)
    stage.play(TrackNs(ms(400)))
    await trio.sleep(0.35)
    assert len(packets(stage)) == 2
    await trio.sleep(0.1)
    assert len(packets(stage)) == 3


async def test_a_button_is_let_go_by_a_tag_of_its_own(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    rules = "  - {on: beat, send: {address: /go, args: [1], end: {args: [0], after: 50ms}}}"
    stage = staged(nursery, rules, replace(TARGET, ahead=ms(200)))
    stage.play()
    start = stage.clock.now()
    await trio.sleep(0.4)
    second = [packet for packet in packets(stage) if tag_of(packet) > 1]
    pressed, released = (HostNs(start + ms(500)), HostNs(start + ms(550)))
    assert [tag_of(packet) for packet in second] == [
        ntp_of(stage.clock.wall_of(HostNs(start + ms(50)))),
        ntp_of(stage.clock.wall_of(pressed)),
        ntp_of(stage.clock.wall_of(released)),
    ]


def test_a_time_tag_counts_seconds_since_1900_and_their_2_to_the_32nds() -> None:
    assert ntp_of(WallNs(0)) == 2_208_988_800 << 32
    assert ntp_of(WallNs(1_500_000_000)) == (2_208_988_801 << 32) + (1 << 31)


def test_after_2036_time_tags_begin_again_and_never_mean_immediately() -> None:
    era = (2**32 - 2_208_988_800) * 10**9
    assert ntp_of(WallNs(era)) == 2
    assert ntp_of(WallNs(era + 10**9)) == 1 << 32


def test_many_parcels_leave_by_turns_a_few_to_each_target() -> None:
    targets = {name: replace(TARGET, name=name) for name in ("a", "b", "c")}
    parcels = [Parcel(name, b"x", (number,)) for number in range(12) for name in "abc"]
    volleys = volleys_of(parcels, targets)
    assert [(volley[0].target, len(volley)) for volley in volleys] == [
        *(("a", 5), ("b", 5), ("c", 5)),
        *(("a", 5), ("b", 5), ("c", 5)),
        *(("a", 2), ("b", 2), ("c", 2)),
    ]
    assert sorted(parcel for volley in volleys for parcel in volley) == sorted(parcels)


def test_few_parcels_and_those_to_a_stream_or_a_paced_receiver_leave_one_by_one() -> None:
    stream, paced = replace(TARGET, name="s", carrier=Carrier.TCP), replace(TARGET, name="p", pace=Pace(1, ms(1)))
    few = [Parcel("lights", b"x", (number,)) for number in range(MANY_PARCELS - 1)]
    assert volleys_of(few, {"lights": TARGET}) == [(parcel,) for parcel in few]
    many = [Parcel(name, b"x", (number,)) for number in range(20) for name in ("s", "p")]
    assert {len(volley) for volley in volleys_of(many, {"s": stream, "p": paced})} == {1}
