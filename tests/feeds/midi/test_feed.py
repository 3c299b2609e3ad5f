"""The feeds that read MIDI: a port by its name, messages from another thread, a port that goes and comes back."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import SystemClock, TrioClock
from beatsync.config.feeds.midi import ExistingPort, MidiPort, VirtualPort
from beatsync.config.feeds.midi_clock import FollowMidiClock
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.core.timecode import EBU, parse_timecode
from beatsync.core.units import TrackNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.midi.feed import LOST, MOST_WAITING, MidiFeed, midi_clock_feed, mtc_feed
from beatsync.feeds.midi.inputs import Hear
from tests.feeds.listening import Heard
from tests.feeds.midi.messages import START, TICK, tape

USB = "USB MIDI:USB MIDI MIDI 1 20:0"
USB_PORT = ExistingPort("usb midi")


@dataclass
class Machine:
    """A machine's MIDI: ports that are plugged in and out, and somebody who plays."""

    ports: list[str] = field(default_factory=lambda: ["Midi Through Port-0", USB])
    hear: Hear | None = None
    opened: list[str] = field(default_factory=list)

    def names(self) -> Sequence[str]:
        return tuple(self.ports)

    def open(self, name: str, hear: Hear) -> Port:
        return self.create(name, hear)

    def create(self, name: str, hear: Hear) -> Port:
        self.hear = hear
        self.opened.append(name)
        return Port(self, name)

    def play(self, *messages: bytes) -> None:
        """From another thread, as rtmidi does."""
        assert self.hear is not None
        player = threading.Thread(target=lambda hear: [hear(message) for message in messages], args=(self.hear,))
        player.start()
        player.join()


@dataclass
class Port:
    machine: Machine
    name: str

    def is_there(self) -> bool:
        return self.name in self.machine.ports or self.name not in {"Midi Through Port-0", USB}

    def close(self) -> None:
        self.machine.hear = None


def mtc(machine: Machine, port: MidiPort = USB_PORT) -> MidiFeed:
    return mtc_feed(FollowMtc(port=port), clock=SystemClock(), system=lambda: machine)


@asynccontextmanager
async def listening(feed: MidiFeed) -> AsyncIterator[Heard]:
    heard = Heard()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        while not heard.sources:
            await trio.sleep(0.001)
        yield heard
        nursery.cancel_scope.cancel()


def quarter_frames(codes: int) -> list[bytes]:
    return [message for message, _ in tape(parse_timecode("00:00:01:00"), EBU, codes=codes)]


async def test_messages_from_midis_own_thread_become_readings_stamped_there() -> None:
    machine = Machine()
    async with listening(mtc(machine)) as heard:
        before = SystemClock().now()
        machine.play(*quarter_frames(2))
        after = SystemClock().now()
        observations = await heard.wait_for(2)
        assert [o.position for o in observations] == [TrackNs(ms(1000)), TrackNs(ms(1080))]
        assert all(before <= o.host <= after for o in observations)
        assert heard.sources == [f"MIDI time code from {USB}"]
    assert machine.hear is None


async def test_a_port_is_found_by_a_part_of_its_name() -> None:
    machine = Machine()
    async with listening(mtc(machine, ExistingPort("midi 1"))):
        assert machine.opened == [USB]


async def test_a_virtual_port_is_made_and_never_gone() -> None:
    machine = Machine(ports=[])
    async with listening(mtc(machine, VirtualPort("beatsync"))) as heard:
        machine.play(*quarter_frames(1))
        await heard.wait_for(1)
        assert machine.opened == ["beatsync"]


@pytest.mark.parametrize(
    ("ports", "wanted", "trouble"),
    [
        ([], "USB", "there are no MIDI inputs, so none is 'USB'; is it plugged in and switched on?"),
        (["Midi Through", "USB MIDI"], "USB MIDY", r"did you mean 'USB MIDI'\? there are: 'Midi Through', 'USB MIDI'"),
        (["USB 1", "USB 2"], "usb", "2 MIDI inputs have 'usb' in their names: 'USB 1', 'USB 2'; write more of it"),
    ],
)
async def test_a_port_that_cannot_be_found_is_trouble_that_names_what_is_there(
    ports: list[str], wanted: str, trouble: str
) -> None:
    with pytest.raises(FeedTrouble, match=trouble):
        await mtc(Machine(ports=ports), ExistingPort(wanted)).listen(Heard())


async def test_the_whole_name_wins_over_a_part_of_another() -> None:
    machine = Machine(ports=["USB", "USB 2"])
    async with listening(mtc(machine, ExistingPort("usb"))):
        assert machine.opened == ["USB"]


async def test_a_port_that_goes_is_trouble_and_one_that_comes_back_is_heard_again(autojump_clock: MockClock) -> None:
    machine = Machine()
    feed = mtc_feed(FollowMtc(port=ExistingPort("USB")), clock=TrioClock(), system=lambda: machine)
    heard = Heard()

    async def unplug() -> None:
        while not heard.sources:
            await trio.sleep(0.1)
        machine.ports.remove(USB)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(unplug)
        with pytest.raises(FeedTrouble, match="has gone; plug it in again"):
            await feed.listen(heard)
    with pytest.raises(FeedTrouble, match="none of the MIDI inputs has 'USB' in its name"):
        await feed.listen(heard)
    machine.ports.append(USB)
    with trio.move_on_after(10) as hours:
        await feed.listen(heard)
    assert hours.cancelled_caught
    assert machine.opened == [USB, USB]


async def test_a_new_connection_starts_with_no_half_time_of_the_old_one() -> None:
    machine = Machine()
    feed = mtc(machine)
    async with listening(feed):
        machine.play(*quarter_frames(1)[:4])
    async with listening(feed) as heard:
        machine.play(*quarter_frames(1)[4:], *quarter_frames(1))
        await heard.wait_for(1)
        assert len(heard.observations) == 1


async def test_a_flood_is_bounded_and_counted() -> None:
    """F12"""
    machine = Machine()
    async with listening(mtc(machine)) as heard:
        machine.play(*[b"\x90\x40\x7f"] * (MOST_WAITING + 100))
        await heard.wait_ignored(MOST_WAITING + 100)
        assert heard.ignored[LOST.reason] == 100


async def test_beats_are_placed_by_the_track_that_is_loaded() -> None:
    machine = Machine()
    feed = midi_clock_feed(
        FollowMidiClock(port=ExistingPort("USB")),
        place=lambda beats: TrackNs(round(beats * ms(500))),
        clock=SystemClock(),
        system=lambda: machine,
    )
    async with listening(feed) as heard:
        machine.play(START, *[TICK] * 25)
        observations = await heard.wait_for(25)
        assert observations[24].position == TrackNs(ms(500))
        assert feed.name == "MIDI clock from USB"
