"""Many packets in one system call: the same as one by one, refusals too."""

from __future__ import annotations

import socket

from beatsync.clock import SystemClock
from beatsync.outputs.output import Failed, Sent
from beatsync.outputs.udp import UdpOutput
from beatsync.outputs.volley import VolleyArena
from tests.outputs.stage import closed_port, packet, target, udp_receiver


async def opened(port: int) -> UdpOutput:
    output = UdpOutput(target(port))
    await output.open()
    return output


def fire(output: UdpOutput, arena: VolleyArena, packets: list[bytes]) -> list[object]:
    (volley,) = arena.lay_out([packets])
    answer = arena.call(output.file or 0, volley.header(0), len(packets), 0)
    return list(output.settle_volley(arena, volley, answer))


async def test_a_volley_arrives_whole_and_in_order_and_is_counted() -> None:
    with udp_receiver() as receiver:
        output = await opened(receiver.getsockname()[1])
        packets = [packet("/a", float(number), "x" * number) for number in range(40)]
        assert fire(output, VolleyArena(), packets) == [Sent()] * 40
        assert [receiver.recv(4096) for _ in packets] == packets
        assert output.health().sent == 40
        output.close()


async def test_volleys_of_one_instant_lie_side_by_side_however_large_they_are() -> None:
    with udp_receiver() as one, udp_receiver() as other:
        outputs = [await opened(receiver.getsockname()[1]) for receiver in (one, other)]
        packets = [[bytes([65 + side]) * (100 * number + 1) for number in range(30)] for side in (0, 1)]
        arena = VolleyArena()
        volleys = arena.lay_out(packets)
        for output, volley in zip(outputs, volleys, strict=True):
            assert arena.call(output.file or 0, volley.header(0), len(volley.packets), 0) == 30
        assert [[receiver.recv(4096) for _ in range(30)] for receiver in (one, other)] == packets
        for output in outputs:
            output.close()


async def test_a_refused_packet_of_a_volley_is_sent_again_at_once() -> None:
    """N1: every second send to a port that nobody listens on is refused, and swallowed."""
    port = closed_port()
    output = await opened(port)
    assert fire(output, VolleyArena(), [packet("/a", 1.0)]) == [Sent()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", port))
        receiver.settimeout(10)
        packets = [packet("/a", float(number)) for number in range(10)]
        assert fire(output, VolleyArena(), packets) == [Sent()] * 10
        assert [receiver.recv(4096) for _ in packets] == packets
    assert dict(output.health().errors) == {"refused: nothing listens there": 1}
    output.close()


async def test_a_packet_that_is_too_large_for_the_network_fails_alone() -> None:
    """N4."""
    with udp_receiver() as receiver:
        output = await opened(receiver.getsockname()[1])
        packets = [packet("/a"), b"x" * 65_520, packet("/b")]
        results = fire(output, VolleyArena(), packets)
        assert [type(result) for result in results] == [Sent, Failed, Sent]
        assert [receiver.recv(4096) for _ in range(2)] == [packets[0], packets[2]]
        output.close()


def test_an_instant_of_the_clock_is_the_kernels() -> None:
    """The clock's `now` has no frame of Python around it."""
    clock = SystemClock()
    assert clock.now() <= clock.now()
