"""OSC over UDP: rows N1, N4, N5, N12, N13, N14, N15 of faults.md."""

from __future__ import annotations

import random  # noqa: TID251  a seeded relay
import socket
from typing import Any

import pytest
import trio

from beatsync.core.limits import MAX_DATAGRAM_BYTES
from beatsync.outputs.address import Way, way_to
from beatsync.outputs.output import Failed, Sent, State
from tests.outputs.stage import Told, closed_port, now, opened, packet, target, udp_receiver


async def test_packets_arrive_as_they_are_and_the_receiver_is_never_called_well(nursery: trio.Nursery) -> None:
    with udp_receiver() as receiver:
        output = (await opened(nursery, Told(), target(receiver.getsockname()[1])))["desk"]
        assert output.send(packet("/a", 1), 0, now()) == Sent()
        assert receiver.recv(4096) == packet("/a", 1)
        health = output.health()
    assert health.state is State.UNKNOWN
    assert (health.sent, health.failed) == (1, 0)
    assert health.source.startswith("127.0.0.1:")


async def test_a_refused_datagram_is_sent_again_at_once_and_the_target_heals_by_itself(nursery: trio.Nursery) -> None:
    """N1: the refusal of one packet is reported at the next, and would swallow it."""
    port = closed_port()
    output = (await opened(nursery, Told(), target(port)))["desk"]
    assert [output.send(packet("/a", number), number, now()) for number in range(5)] == [Sent()] * 5
    assert output.health().state is State.DEGRADED
    assert "nothing listens" in output.health().detail
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", port))
        receiver.settimeout(10)
        for number in range(5, 8):
            output.send(packet("/a", number), number, now())
        assert [receiver.recv(4096) for _ in range(3)] == [packet("/a", number) for number in range(5, 8)]
    assert output.health().state is State.UNKNOWN
    assert output.health().detail == ""


async def test_a_packet_that_is_too_large_fails_with_a_reason_and_the_next_one_goes(nursery: trio.Nursery) -> None:
    """N4."""
    with udp_receiver() as receiver:
        output = (await opened(nursery, Told(), target(receiver.getsockname()[1])))["desk"]
        assert output.send(bytes(MAX_DATAGRAM_BYTES + 1), 0, now()) == Failed(
            "the packet is too large for this network"
        )
        assert output.send(packet(), 1, now()) == Sent()
        assert receiver.recv(4096) == packet()
    assert dict(output.health().errors) == {"the packet is too large for this network": 1}


async def test_a_broadcast_without_permission_fails_with_the_remedy(nursery: trio.Nursery) -> None:
    """N4: EACCES."""
    output = (await opened(nursery, Told(), target(7700, host="255.255.255.255")))["desk"]
    result = output.send(packet(), 0, now())
    assert isinstance(result, Failed)
    assert "broadcast: true" in result.reason


class Names(trio.abc.HostnameResolver):
    """A name service that learns its one name late. `asked`: how often."""

    known = False
    asked = 0

    async def getaddrinfo(self, _host: Any, port: Any, *_rest: Any) -> Any:
        """Loopback, once it is known."""
        await trio.lowlevel.checkpoint()
        self.asked += 1
        if not self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port))]

    async def getnameinfo(self, _address: Any, _flags: int) -> tuple[str, str]:
        """Nothing asks for it."""
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_a_name_without_an_address_does_not_keep_the_show_from_starting(nursery: trio.Nursery) -> None:
    """N5: the target is down, and is found once its name is known; nothing is looked up while sending."""
    names = Names()
    trio.socket.set_custom_hostname_resolver(names)
    with udp_receiver() as receiver:
        port = receiver.getsockname()[1]
        output = (await opened(nursery, Told(), target(port, host="desk.local")))["desk"]
        result = output.send(packet(), 0, now())
        assert isinstance(result, Failed)
        assert "desk.local" in result.reason
        assert output.health().state is State.DOWN
        names.known = True
        with trio.fail_after(30):
            while output.health().state is State.DOWN:
                await trio.sleep(0.05)
        asked = names.asked
        for _ in range(20):
            output.send(packet(), 0, now())
        assert names.asked == asked
        assert receiver.recv(4096) == packet()


class SlowNames(trio.abc.HostnameResolver):
    """A name service that takes its time. `answering`: it answers from now on."""

    def __init__(self) -> None:
        self.answering = trio.Event()

    async def getaddrinfo(self, _host: Any, port: Any, *_rest: Any) -> Any:
        """Loopback, when it answers."""
        await self.answering.wait()
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port))]

    async def getnameinfo(self, _address: Any, _flags: int) -> tuple[str, str]:
        """Nothing asks for it."""
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_a_slow_name_service_holds_up_neither_the_start_nor_another_target(nursery: trio.Nursery) -> None:
    """N5: the lookup goes on in the background, and its target is down meanwhile."""
    names = SlowNames()
    trio.socket.set_custom_hostname_resolver(names)
    with udp_receiver() as slow, udp_receiver() as fast:
        found = target(slow.getsockname()[1], host="desk.local")
        numeric = target(fast.getsockname()[1], name="numeric")
        outputs = await opened(nursery, Told(), found, numeric, patience=0)
        assert isinstance(outputs["desk"].send(packet(), 0, now()), Failed)
        assert outputs["desk"].health().state is State.DOWN
        with trio.fail_after(30):
            while outputs["numeric"].health().state is State.DOWN:
                await trio.sleep(0.01)
        assert outputs["numeric"].send(packet("/b"), 0, now()) == Sent()
        assert fast.recv(4096) == packet("/b")
        names.answering.set()
        with trio.fail_after(30):
            while outputs["desk"].health().state is State.DOWN:
                await trio.sleep(0.01)
        assert outputs["desk"].send(packet("/a"), 0, now()) == Sent()
        assert slow.recv(4096) == packet("/a")


async def test_echoes_of_our_own_datagrams_have_no_effect(nursery: trio.Nursery) -> None:
    """N12: nothing is read from the sending socket, and what piles up there is the kernel's to drop."""
    with udp_receiver() as receiver:
        output = (await opened(nursery, Told(), target(receiver.getsockname()[1])))["desk"]
        for number in range(50):
            output.send(packet("/a", number), number, now())
            data, sender = receiver.recvfrom(4096)
            for _ in range(20):
                receiver.sendto(data, sender)
        assert output.send(packet("/last"), 99, now()) == Sent()
        assert receiver.recv(4096) == packet("/last")
        assert (output.health().sent, output.health().failed) == (51, 0)


async def test_loss_doubling_and_reordering_on_the_wire_do_not_affect_the_sender(nursery: trio.Nursery) -> None:
    """N13, with a seeded relay: every packet is sent once, whatever becomes of it."""
    fate = random.Random(7)
    with udp_receiver() as relay, udp_receiver() as receiver:
        output = (await opened(nursery, Told(), target(relay.getsockname()[1])))["desk"]
        held: list[bytes] = []
        arrived = 0
        for number in range(200):
            assert output.send(packet("/a", number), number, now()) == Sent()
            held += [relay.recv(4096)] * fate.choice([0, 1, 1, 1, 2])
            fate.shuffle(held)
            while len(held) > 5:
                relay.sendto(held.pop(), receiver.getsockname())
                arrived += bool(receiver.recv(4096))
        assert arrived > 100
    assert output.health().sent == 200
    assert output.health().state is State.UNKNOWN


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9"])
async def test_packets_leave_from_the_chosen_address_and_port(host: str, nursery: trio.Nursery) -> None:
    """N15, and N14's explicit source."""
    port = closed_port()
    with udp_receiver() as receiver:
        chosen = target(receiver.getsockname()[1], source_host=host, source_port=port)
        output = (await opened(nursery, Told(), chosen))["desk"]
        output.send(packet(), 0, now())
        assert receiver.recvfrom(4096)[1] == (host, port)
        assert output.health().source == f"{host}:{port}"


def test_the_source_address_towards_a_numeric_host_is_known_without_sending() -> None:
    """N14."""
    assert way_to(target(7700)) == Way("127.0.0.1")
    assert way_to(target(7700, source_host="127.0.0.9")) == Way("127.0.0.9")
    assert way_to(target(7700, host="desk.local")) == Way()


def test_what_would_keep_packets_from_leaving_is_known_without_sending() -> None:
    """C8, N14."""
    assert "source address is not on this machine" in way_to(target(7700, source_host="192.0.2.1")).trouble
    assert "broadcast: true" in way_to(target(7700, host="127.255.255.255")).trouble
    assert way_to(target(7700, host="127.255.255.255", broadcast=True)).trouble == ""


async def test_a_source_address_of_another_machine_is_told_and_keeps_nothing_else_from_starting(
    nursery: trio.Nursery,
) -> None:
    with udp_receiver() as receiver:
        port = receiver.getsockname()[1]
        bad, good = target(port, name="bad", source_host="192.0.2.1"), target(port, name="good")
        outputs = await opened(nursery, Told(), bad, good)
        result = outputs["bad"].send(packet(), 0, now())
        assert isinstance(result, Failed)
        assert "source address" in result.reason
        assert outputs["good"].send(packet(), 1, now()) == Sent()


async def test_multicast_reaches_the_group_through_the_chosen_interface(nursery: trio.Nursery) -> None:
    """N14: without an interface the kernel picks one, perhaps the wrong one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as member:
        member.bind(("239.1.2.3", 0))
        member.settimeout(10)
        group = socket.inet_aton("239.1.2.3") + socket.inet_aton("127.0.0.1")
        member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        port = member.getsockname()[1]
        output = (await opened(nursery, Told(), target(port, host="239.1.2.3", source_host="127.0.0.1")))["desk"]
        assert output.send(packet(), 0, now()) == Sent()
        assert member.recvfrom(4096)[1][0] == "127.0.0.1"


async def test_ipv6_works(nursery: trio.Nursery) -> None:
    with udp_receiver("::1") as receiver:
        output = (await opened(nursery, Told(), target(receiver.getsockname()[1], host="::1")))["desk"]
        assert output.send(packet(), 0, now()) == Sent()
        assert receiver.recv(4096) == packet()
        assert output.health().source.startswith("[::1]:")
