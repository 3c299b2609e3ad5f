"""OSC over TCP: rows N6 to N11 of faults.md, with real connections on loopback."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from beatsync.core.targets import Carrier, Framing, Target
from beatsync.core.units import ms
from beatsync.outputs.output import Failed, Output, Queued, Sent, State
from tests.outputs.stage import Told, closed_port, now, opened, packet, target

LARGE = packet("/large", "x" * 60_000)
"""Loopback takes some 145 KiB from a sender whose receiver does not read."""


class Console:
    """A desk that accepts connections, and reads from them only when told to."""

    def __init__(self, listener: trio.SocketListener) -> None:
        self.listener = listener
        self.port: int = listener.socket.getsockname()[1]
        self.accepted: list[trio.SocketStream] = []

    async def accept(self) -> trio.SocketStream:
        """The next connection."""
        with trio.fail_after(30):
            self.accepted.append(await self.listener.accept())
        return self.accepted[-1]


@asynccontextmanager
async def console(port: int = 0) -> AsyncIterator[Console]:
    """A listening desk."""
    (listener,) = await trio.open_tcp_listeners(port, host="127.0.0.1")
    async with listener:
        desk = Console(listener)
        yield desk
        for stream in desk.accepted:
            stream.socket.close()


async def packets_of(stream: trio.SocketStream, count: int) -> list[bytes]:
    """Read `count` length-prefixed packets."""
    data = b""
    packets: list[bytes] = []
    with trio.fail_after(30):
        while len(packets) < count:
            while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
                received = await stream.receive_some()
                assert received, f"closed after {len(packets)} packets with {len(data)} bytes of another"
                data += received
            (length,) = struct.unpack(">I", data[:4])
            packets.append(data[4 : 4 + length])
            data = data[4 + length :]
    return packets


def tcp(port: int, **changes: object) -> Target:
    return target(port, Carrier.TCP, **changes)


async def until(output: Output, state: State) -> None:
    """Return once the output is in `state`."""
    with trio.fail_after(30):
        while output.health().state is not state:
            await trio.sleep(0.01)


async def test_packets_arrive_in_order_with_a_length_before_each(nursery: trio.Nursery) -> None:
    async with console() as desk:
        output = (await opened(nursery, Told(), tcp(desk.port)))["desk"]
        sent = [packet("/a", number) for number in range(20)]
        assert [output.send(data, number, now()) for number, data in enumerate(sent)] == [Sent()] * 20
        assert await packets_of(await desk.accept(), 20) == sent
        assert output.health().state is State.CONNECTED


async def test_a_receiver_that_is_away_at_the_start_is_connected_to_when_it_comes(nursery: trio.Nursery) -> None:
    """N6, N10: nothing is kept for it meanwhile, and it is told of when it comes back."""
    port = closed_port(socket.SOCK_STREAM)
    told = Told()
    output = (await opened(nursery, told, tcp(port)))["desk"]
    result = output.send(packet("/old"), 0, now())
    assert isinstance(result, Failed)
    assert "nothing listens" in result.reason
    async with console(port) as desk:
        stream = await desk.accept()
        await told.wait_connected(1)
        assert output.send(packet("/new"), 1, now()) == Sent()
        assert await packets_of(stream, 1) == [packet("/new")]


async def test_a_receiver_that_reboots_is_reconnected_to_without_a_burst_of_old_cues(nursery: trio.Nursery) -> None:
    """N10."""
    told = Told()
    async with console() as desk:
        output = (await opened(nursery, told, tcp(desk.port)))["desk"]
        first = await desk.accept()
        await first.aclose()
        await until(output, State.DOWN)
        assert isinstance(output.send(packet("/lost"), 0, now()), Failed)
        second = await desk.accept()
        await told.wait_connected(2)
        output.send(packet("/new"), 1, now())
        assert await packets_of(second, 1) == [packet("/new")]


async def fill(output: Output, limit: int = 200) -> list[int]:
    """Send until the connection takes no more; returns the tickets that were taken."""
    for ticket in range(limit):
        if output.send(LARGE, ticket, now()) == Queued():
            return list(range(ticket))
    raise AssertionError("the connection takes everything")


async def test_what_waits_for_a_slow_reader_is_bounded_by_count_and_the_oldest_goes(nursery: trio.Nursery) -> None:
    """N8."""
    told = Told()
    async with console() as desk:
        slow = tcp(desk.port, queue_count=3, queue_age=ms(60_000))
        output = (await opened(nursery, told, slow))["desk"]
        stream = await desk.accept()
        taken = await fill(output)
        begun = len(taken)
        results = [output.send(packet("/more", number), 1000 + number, now()) for number in range(5)]
        assert results == [Queued()] * 5
        assert output.health().queued == 3
        assert [settled.ticket for settled in told.settled] == [1000, 1001, 1002]
        assert all(isinstance(settled.result, Failed) for settled in told.settled)
        packets = await packets_of(stream, begun + 3)
        assert packets == [LARGE] * (begun + 1) + [packet("/more", 3), packet("/more", 4)]
        settled = await told.wait_settled(6)
        assert [(one.ticket, one.result) for one in settled[3:]] == [(begun, Sent()), (1003, Sent()), (1004, Sent())]


async def test_what_has_waited_too_long_is_never_sent_late(nursery: trio.Nursery) -> None:
    """N8: by age, also while the receiver reads nothing at all."""
    told = Told()
    async with console() as desk:
        output = (await opened(nursery, told, tcp(desk.port, queue_age=ms(50))))["desk"]
        stream = await desk.accept()
        begun = len(await fill(output))
        assert output.send(packet("/old"), 1000, now()) == Queued()
        settled = await told.wait_settled(1)
        assert settled[0].ticket == 1000
        assert isinstance(settled[0].result, Failed)
        assert "reads too slowly" in settled[0].result.reason
        assert await packets_of(stream, begun + 1) == [LARGE] * (begun + 1)


async def test_what_comes_while_a_frame_is_stuck_half_written_does_not_wait_longer_either(
    nursery: trio.Nursery,
) -> None:
    """N8: by age, not only when the connection is given up."""
    told = Told()
    async with console() as desk:
        output = (await opened(nursery, told, tcp(desk.port, queue_age=ms(50))))["desk"]
        await desk.accept()
        begun = len(await fill(output))
        await trio.testing.wait_all_tasks_blocked()
        assert output.send(packet("/old"), 1000, now()) == Queued()
        settled = await told.wait_settled(1)
        assert (settled[0].ticket, begun) == (1000, begun)
        assert isinstance(settled[0].result, Failed)
        assert "reads too slowly" in settled[0].result.reason
        assert output.health().breaks == 0


async def test_a_hanging_target_delays_no_other(nursery: trio.Nursery) -> None:
    """N9, as far as sending is concerned: no send waits."""
    told = Told()
    async with console() as hanging, console() as well:
        targets = tcp(hanging.port, name="hanging"), tcp(well.port, name="well")
        outputs = await opened(nursery, told, *targets)
        await hanging.accept()
        await fill(outputs["hanging"])
        sent = [packet("/a", number) for number in range(50)]
        for number, data in enumerate(sent):
            outputs["hanging"].send(data, 1000 + number, now())
            assert outputs["well"].send(data, number, now()) == Sent()
        assert await packets_of(await well.accept(), 50) == sent


async def test_a_frame_that_is_cut_off_is_never_resumed_on_the_next_connection(nursery: trio.Nursery) -> None:
    """N11."""
    told = Told()
    async with console() as desk:
        output = (await opened(nursery, told, tcp(desk.port)))["desk"]
        first = await desk.accept()
        begun = len(await fill(output))
        first.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await first.aclose()
        settled = await told.wait_settled(1)
        assert settled[0].ticket == begun
        assert isinstance(settled[0].result, Failed)
        second = await desk.accept()
        await told.wait_connected(2)
        assert output.send(packet("/whole"), 2000, now()) == Sent()
        assert await packets_of(second, 1) == [packet("/whole")]


async def test_what_the_receiver_says_is_discarded(nursery: trio.Nursery) -> None:
    """N12, over TCP: a desk that answers everything does not fill anything up."""
    async with console() as desk:
        output = (await opened(nursery, Told(), tcp(desk.port)))["desk"]
        stream = await desk.accept()
        with trio.fail_after(30):
            for _ in range(50):
                await stream.send_all(bytes(64 * 1024))
        assert output.send(packet(), 0, now()) == Sent()
        assert await packets_of(stream, 1) == [packet()]


@pytest.mark.parametrize("framing", list(Framing))
async def test_the_framing_is_the_targets(framing: Framing, nursery: trio.Nursery) -> None:
    async with console() as desk:
        output = (await opened(nursery, Told(), tcp(desk.port, framing=framing)))["desk"]
        stream = await desk.accept()
        output.send(packet(), 0, now())
        first = (await stream.receive_some())[:1]
        assert first == (b"\xc0" if framing is Framing.SLIP else b"\0")
