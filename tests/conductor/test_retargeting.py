"""Targets that come, go and move while a show plays, with real sockets."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing
from pythonosc.osc_message import OscMessage

from beatsync.clock import SystemClock
from beatsync.conductor.actions import Action, Chase, Load, Remove, Retarget, Seek, Silence
from beatsync.conductor.conducted import Retargetable
from beatsync.conductor.opening import Part, conductor_apart, conductor_here
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.report import Report
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Carrier, Target
from beatsync.core.transport import Transport
from beatsync.core.units import TrackNs
from tests.core.shows import TARGET, schedule, song
from tests.outputs.stage import closed_port, udp_receiver

SONG = song("Intro 8", "Drop 8")
LOOK = "  - {on: section, send: {to: %s, address: /look, args: [label], end: {args: [{s: over}]}}}"


def looks(*targets: Target) -> Schedule:
    """A look in each section, for each of the targets."""
    return schedule(SONG, "\n".join(LOOK % target.name for target in targets), *targets)


@dataclass
class House:
    """A conductor, and receivers that say what has arrived at them."""

    conductor: Retargetable
    clock: SystemClock
    reports: list[Report] = field(default_factory=list)

    async def swap(self, *targets: Target, besides: Iterable[Action] = ()) -> None:
        """As a reload does it."""
        await self.conductor.prepare(targets)
        self.conductor.do(Retarget(targets), Load("main", looks(*targets), "song"), *besides)
        await self.conductor.wait_drained()

    def verdicts(self, target: str) -> list[str]:
        """What became of the cues of one target; on a busy machine some are late, which is no matter here."""
        verdicts = [str(report.outcome.verdict) for report in self.reports if report.outcome.cue.target == target]
        return ["sent" if verdict == "late" else verdict for verdict in verdicts]


@asynccontextmanager
async def playing(*targets: Target, folder: Path | None) -> AsyncIterator[House]:
    """A conductor one second into the track; in a process of its own where a `folder` is given for it."""
    clock, reports = SystemClock(), list[Report]()
    part = Part(
        show="a show",
        loads=(Load("main", looks(*targets), "song"),),
        targets=targets,
        clock=clock,
        report=reports.append,
        remark=pytest.fail,
    )
    apart = partial(conductor_apart, directory=folder, starter=Starter(private=True)) if folder else None
    async with (apart or conductor_here)(part) as opened:
        house = House(opened.conductor, clock, reports)
        opened.conductor.do(Seek("main", Transport(clock.now(), TrackNs(10**9))))
        yield house


def heard(receiver: socket.socket, count: int) -> list[str]:
    """The next so many messages of a UDP receiver."""
    messages = [OscMessage(receiver.recv(4096)) for _ in range(count)]
    return [" ".join([message.address, *map(str, message.params)]) for message in messages]


def silent(receiver: socket.socket) -> bool:
    """Whether nothing more has arrived."""
    receiver.settimeout(0)
    try:
        receiver.recv(4096)
    except BlockingIOError:
        return True
    return False


@pytest.fixture
def receivers() -> Iterable[list[socket.socket]]:
    """Three UDP receivers."""
    with ExitStack() as stack:
        yield [stack.enter_context(udp_receiver()) for _ in range(3)]


@pytest.fixture(params=["here", "apart"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where a conductor of its own serves; None for one in this process."""
    return tmp_path / "conductor" if request.param == "apart" else None


def at(receiver: socket.socket, name: str = "lights") -> Target:
    """A target whose cues the receiver gets."""
    return replace(TARGET, name=name, port=int(receiver.getsockname()[1]))


async def test_a_target_that_comes_is_put_into_the_present_state(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    """L2."""
    old, new = at(receivers[0]), at(receivers[1], "visuals")
    async with playing(old, folder=folder) as house:
        assert heard(receivers[0], 1) == ["/look Intro"]
        await house.swap(old, new)
        assert heard(receivers[1], 1) == ["/look Intro"]
        assert house.verdicts("visuals") == ["sent"]
    assert heard(receivers[0], 1) == ["/look over"]
    assert silent(receivers[0])


async def test_a_target_that_goes_is_told_the_ends_of_its_looks(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    old, other = at(receivers[0]), at(receivers[1], "visuals")
    async with playing(old, other, folder=folder) as house:
        assert heard(receivers[0], 1) == ["/look Intro"]
        await house.swap(other)
        assert heard(receivers[0], 1) == ["/look over"]
        assert house.verdicts("lights") == ["sent", "sent"]


async def test_a_target_that_moves_ends_its_looks_where_it_was_and_shows_them_where_it_is(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    async with playing(at(receivers[0]), folder=folder) as house:
        assert heard(receivers[0], 1) == ["/look Intro"]
        await house.swap(at(receivers[1]))
        assert heard(receivers[0], 1) == ["/look over"]
        assert heard(receivers[1], 1) == ["/look Intro"]
        assert house.verdicts("lights") == ["sent", "sent", "sent"]
    assert heard(receivers[1], 1) == ["/look over"]
    assert silent(receivers[0])
    assert silent(receivers[1])


async def test_a_target_that_is_muted_stays_so_where_it_moves_to(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    async with playing(at(receivers[0]), folder=folder) as house:
        house.conductor.do(Silence("mute", None, ("lights",)))
        await house.swap(at(receivers[1]))
    assert heard(receivers[0], 2) == ["/look Intro", "/look over"]
    assert silent(receivers[1])


async def test_targets_that_stay_keep_their_sockets(receivers: list[socket.socket], folder: Path | None) -> None:
    """L2: what the receiver sees is the port that packets leave from."""
    stays = at(receivers[0])
    async with playing(stays, at(receivers[1], "visuals"), folder=folder) as house:
        _, before = receivers[0].recvfrom(4096)
        await house.swap(replace(stays, max_rate=7), at(receivers[2], "visuals"))
        house.conductor.do(Chase("lights"))
        _, after = receivers[0].recvfrom(4096)
        assert before == after


async def test_a_target_that_takes_its_time_to_open_holds_up_nothing(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    """A TCP receiver that never answers, at an address that swallows everything."""
    stays = at(receivers[0])
    hanging = replace(TARGET, name="desk", carrier=Carrier.TCP, host="198.51.100.7", port=9)
    async with playing(stays, folder=folder) as house, trio.open_nursery() as nursery:
        assert heard(receivers[0], 1) == ["/look Intro"]
        nursery.start_soon(house.conductor.prepare, (stays, hanging))
        await trio.testing.wait_all_tasks_blocked()
        house.conductor.do(Chase("lights"))
        assert heard(receivers[0], 1) == ["/look Intro"]
        nursery.cancel_scope.cancel()


async def test_a_tcp_receiver_that_is_only_being_prepared_is_nobody_to_the_show_yet(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    stays = at(receivers[0])
    with socket.create_server(("127.0.0.1", 0)) as desk:
        new = replace(TARGET, name="desk", carrier=Carrier.TCP, port=int(desk.getsockname()[1]))
        moved = replace(new, name="lights")
        async with playing(stays, folder=folder) as house:
            assert heard(receivers[0], 1) == ["/look Intro"]
            await house.conductor.prepare((stays, new, moved))
            house.conductor.do(Chase("lights"))
            assert heard(receivers[0], 1) == ["/look Intro"]
            assert silent(receivers[0])
            await house.swap(stays, new)
            assert house.verdicts("desk") == ["sent"]


async def test_a_deck_that_comes_after_a_muted_target_has_gone_knows_nothing_of_it(
    receivers: list[socket.socket], folder: Path | None
) -> None:
    old, new = at(receivers[0]), at(receivers[1], "visuals")
    async with playing(old, folder=folder) as house:
        house.conductor.do(Silence("mute", None, ("lights",)))
        await house.swap(new, besides=[Remove("main"), Load("b", looks(new), "song")])
        house.conductor.do(Seek("b", Transport(house.clock.now(), TrackNs(10**9))))
        assert heard(receivers[1], 1)


async def test_a_target_that_nobody_has_prepared_is_opened_all_the_same(folder: Path | None) -> None:
    gone = replace(TARGET, port=closed_port())
    with udp_receiver() as receiver:
        async with playing(gone, folder=folder) as house:
            house.conductor.do(Retarget((at(receiver),)), Load("main", looks(at(receiver)), "song"))
            for _ in range(200):
                house.conductor.do(Chase("lights"))
                await house.conductor.wait_applied()
                await trio.sleep(0.01)
                if not silent(receiver):
                    return
            pytest.fail("nothing arrived")
