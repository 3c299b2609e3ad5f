"""Datagrams carry the kernel's stamp, come from whom they may, and are thinned out in a flood."""

from __future__ import annotations

import socket
from ipaddress import ip_network

import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.core.units import ms
from beatsync.feeds.datagrams import AT_ONCE, Datagrams
from beatsync.feeds.feed import FeedTrouble

CLOCK = SystemClock()

TRIES = 20
"""The kernel switches its stamps on a while after the first socket asks for them; until then it stamps what is read."""


def send(port: int, *payloads: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for payload in payloads:
            sender.sendto(payload, ("127.0.0.1", port))


async def test_a_datagram_carries_the_instant_of_its_arrival_and_not_that_of_its_reading() -> None:
    with Datagrams(0, host="127.0.0.1", clock=CLOCK) as datagrams:
        for _ in range(TRIES):
            before = CLOCK.now()
            send(datagrams.port, b"position")
            after = CLOCK.now()
            await trio.sleep(0.05)
            (datagram,) = await datagrams.receive()
            assert datagram.data == b"position"
            assert str(datagram.sender) == "127.0.0.1"
            if before - ms(1) <= datagram.at <= after + ms(1):
                return
        pytest.fail(f"none of {TRIES} datagrams was stamped when it came")


async def test_of_a_flood_the_last_ones_are_read_in_order() -> None:
    """F12"""
    with Datagrams(0, host="127.0.0.1", clock=CLOCK) as datagrams:
        send(datagrams.port, *(str(number).encode() for number in range(100)))
        received = [int(datagram.data) for datagram in await datagrams.receive()]
        assert received == list(range(100 - AT_ONCE, 100))
        assert datagrams.thinned_out == 100 - AT_ONCE


async def test_a_sender_that_is_not_on_the_list_is_counted_and_not_heard() -> None:
    """F11"""
    allowed = (ip_network("10.0.0.0/8"),)
    with Datagrams(0, host="127.0.0.1", clock=CLOCK, allowed=allowed) as datagrams:
        send(datagrams.port, b"spoofed")
        with trio.move_on_after(0.1) as patience:
            await datagrams.receive()
        assert patience.cancelled_caught
        assert datagrams.refused == 1


async def test_a_port_that_another_program_has_is_named() -> None:
    with Datagrams(0, host="127.0.0.1", clock=CLOCK) as first:
        taken = f"cannot listen on udp 127.0.0.1:{first.port}: address already in use"
        with pytest.raises(FeedTrouble, match=taken):
            Datagrams(first.port, host="127.0.0.1", clock=CLOCK)
