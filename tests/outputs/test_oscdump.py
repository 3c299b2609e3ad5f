"""liblo as the independent judge of what leaves this machine, over UDP and both framings of TCP."""

from __future__ import annotations

import pytest
import trio

from beatsync.core.targets import Carrier, Framing
from beatsync.outputs.output import Sent
from tests.outputs.stage import Told, now, opened, packet, target
from tests.system.oscdump import oscdump, oscdump_tcp

EXPECTED = [f'/section/Drop ifs {number} 0.500000 "a b"' for number in range(10)]
MESSAGES = [packet("/section/Drop", number, 0.5, "a b") for number in range(10)]


async def test_messages_over_udp_arrive_intact_and_in_order(nursery: trio.Nursery) -> None:
    with oscdump() as receiver:
        output = (await opened(nursery, Told(), target(receiver.port)))["desk"]
        assert [output.send(data, 0, now()) for data in MESSAGES] == [Sent()] * 10
        assert await trio.to_thread.run_sync(receiver.wait_for, 10, "/section") == EXPECTED


@pytest.mark.parametrize("framing", list(Framing))
async def test_messages_over_tcp_arrive_intact_and_in_order(framing: Framing, nursery: trio.Nursery) -> None:
    with oscdump_tcp() as receiver:
        told = Told()
        chosen = target(receiver.port, Carrier.TCP, framing=framing)
        output = (await opened(nursery, told, chosen))["desk"]
        await told.wait_connected(1)
        assert [output.send(data, 0, now()) for data in MESSAGES] == [Sent()] * 10
        assert await trio.to_thread.run_sync(receiver.wait_for, 10, "/section") == EXPECTED
