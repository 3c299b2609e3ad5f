"""A show of an hour in virtual time: two decks, set lists, edits, seeks, hand-overs, and things that die."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from beatsync.decks.commands import StopDeck
from tests.lasting.accounting import Timeline, account, once
from tests.lasting.machine import Applied, Arrival, Machine, Performed, texts
from tests.lasting.script import HOUR, File, Operator, Ports, tracks

EVERYTHING = {
    "seek": 200,
    "edit": 70,
    "mistake": 30,
    "hand_over": 40,
    "pause": 15,
    "stop": 5,
    "rate": 10,
    "step": 10,
    "mute": 10,
    "daemon_dies": 8,
    "conductor_dies": 6,
    "both_die": 4,
    "reboot": 4,
}


async def perform(machine: Machine, operator: Operator, **counts: int) -> Timeline:
    """Play the show to its end; returns what its conductors were told."""
    await machine.start()
    await operator.operate(**counts)
    await operator._wait_quiet()
    for name in "ab":
        await machine.desk.do(StopDeck(name))
    await trio.sleep(1)
    timeline = Timeline()
    for told in machine.applied:
        match told:
            case Applied():
                timeline.add(told)
            case Performed(at, targets):
                timeline.perform(targets, at)
    timeline.close(machine.now)
    return timeline


@pytest.mark.parametrize(("seed", "share"), [(1, 1.0), (2, 0.1), (3, 0.1)])
async def test_every_cue_is_accounted_for(
    seed: int, share: float, nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    """L2, L3."""
    chance = random.Random(seed)
    machine = Machine(nursery, tmp_path, "", tracks(chance))
    file = File(Ports(*(machine.receive() for _ in range(4))))
    machine.written = file.written()
    operator = Operator(machine, chance, file, seconds=share * HOUR)
    timeline = await perform(machine, operator, **{what: round(share * count) for what, count in EVERYTHING.items()})
    result = account(timeline, machine.verdicts, operator.deaths)
    assert result.unaccounted == []
    assert result.doubled == []
    assert result.unexpected == []
    assert Counter(machine.arrived()) == texts(once(machine.verdicts))
    assert left_standing(machine.arrivals) == []
    assert operator.bad == operator.done["mistake"]
    assert result.expected > 8_000 * share
    assert machine.desk.ensemble.conductor.snapshot().total.balanced


def left_standing(arrivals: Iterable[Arrival]) -> list[tuple[int, str]]:
    """The looks that began and were never ended, by the receivers that were told so."""
    last: dict[tuple[int, str], str] = {}
    for arrival in arrivals:
        address, *arguments = arrival.text.split()
        if address.split("/")[2] in {"look", "scene", "state"}:
            last[arrival.port, address] = arguments[0]
    return [look for look, argument in last.items() if argument == "1"]
