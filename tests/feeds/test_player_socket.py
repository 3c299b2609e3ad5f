"""A stream to a player, on real sockets: what goes wrong with it is FeedTrouble, with the remedy."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import Address, TcpAddress, UnixAddress
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.player_socket import PlayerSocket, connect

CLOCK = SystemClock()


@contextmanager
def listener(address: Address) -> Iterator[socket.socket]:
    """Somebody who listens at `address`, and accepts nobody by itself."""
    unix = isinstance(address, UnixAddress)
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as listening:
        if isinstance(address, UnixAddress):
            listening.bind(address.path.replace("@", "\0", 1))
        else:
            listening.bind((address.host, address.port))
        listening.listen()
        yield listening


async def connected(address: Address) -> PlayerSocket:
    return await connect(address, who="player", remedy="start it", clock=CLOCK, longest=100)


@pytest.mark.parametrize("kind", ["file", "abstract", "tcp"])
async def test_lines_come_from_files_abstract_names_and_ports(tmp_path: Path, kind: str) -> None:
    address: Address = TcpAddress("127.0.0.1", 0)
    if kind != "tcp":
        address = UnixAddress(str(tmp_path / "sock") if kind == "file" else f"@beatsync-{os.getpid()}-{kind}")
    with listener(address) as listening:
        if isinstance(address, TcpAddress):
            address = TcpAddress("localhost", listening.getsockname()[1])
        with await connected(address) as player:
            far = listening.accept()[0]
            with far:
                before = CLOCK.now()
                assert before <= player.send(b"question\n") <= CLOCK.now()
                assert far.recv(100) == b"question\n"
                far.sendall(b"answer\nand mo")
                received = await player.receive()
                assert received.lines == [b"answer"]
                assert before <= received.at <= CLOCK.now()


async def test_nobody_there_is_said_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    with pytest.raises(FeedTrouble, match=r"player is not there: no such file or directory; start it"):
        await connected(UnixAddress(str(path)))
    with listener(UnixAddress(str(path))):
        pass
    with pytest.raises(FeedTrouble, match=r"player is not there: connection refused; start it"):
        await connected(UnixAddress(str(path)))


async def test_a_name_that_nobody_knows_is_said_with_the_remedy() -> None:
    with pytest.raises(FeedTrouble, match=r"player is not there: .*; start it"):
        await connected(TcpAddress("player.invalid", 6600))


async def test_the_end_of_the_connection_is_trouble_also_in_the_middle_of_a_line(tmp_path: Path) -> None:
    address = UnixAddress(str(tmp_path / "sock"))
    with listener(address) as listening, await connected(address) as player:
        far = listening.accept()[0]
        far.sendall(b"elapsed: 1.2\nela")
        far.close()
        assert (await player.receive()).lines == [b"elapsed: 1.2"]
        with pytest.raises(FeedTrouble, match="player closed the connection; has it ended"):
            await player.receive()
        with pytest.raises(FeedTrouble, match="player: the connection was lost: broken pipe"):
            player.send(b"question\n")


async def test_a_player_that_reads_nothing_is_given_up_and_never_waited_for(tmp_path: Path) -> None:
    address = UnixAddress(str(tmp_path / "sock"))
    with listener(address), await connected(address) as player:
        talk = partial(player.send, b"question\n" * 100)
        with pytest.raises(FeedTrouble, match="player takes no more commands; does it hang"):
            for _ in iter(talk, None):
                pass


async def test_lines_that_are_too_long_are_counted_once(tmp_path: Path) -> None:
    address = UnixAddress(str(tmp_path / "sock"))
    with listener(address) as listening, await connected(address) as player, listening.accept()[0] as far:
        far.sendall(b"x" * 101 + b"\nshort\n")
        assert (await player.receive()).lines == [b"short"]
        assert player.count_too_long() == 1
        assert player.count_too_long() == 0
