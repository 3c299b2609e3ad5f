"""A show of an hour as it is operated: seeks, pauses, hand-overs, edits good and bad, and things that die."""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import dataclass, field

import trio

from beatsync.core.track import Track
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.decks.commands import Mute, Pause, Play, PutOnAir, Reload, SeekTo, SetRate, Step, StopDeck
from beatsync.errors import BeatsyncError, CommandRefused
from tests.core.shows import song
from tests.lasting.accounting import NEAR
from tests.lasting.machine import Machine

LABELS = ("Intro", "Build", "Drop", "Break", "Drop", "Outro")
HOUR = 3600.0


def tracks(chance: random.Random) -> dict[str, Track]:
    """A set for deck a, at 120 bpm, and one for deck b, at 126; each some three minutes long."""
    made = {}
    for deck, bpm in (("a", 120.0), ("b", 126.0)):
        for number in range(8):
            sections = [f"{label} {chance.choice([8, 16, 16, 24])} {chance.randint(1, 4)}" for label in LABELS]
            made[f"{deck}{number}.json"] = song(*sections, bpm=bpm)
    return made


def another_structure(track: Track, chance: random.Random) -> Track:
    """The same beats, other sections."""
    assert track.bpm is not None
    bars = round(track.duration / NS_PER_SECOND * track.bpm / 240)
    first = chance.randint(4, bars - 8)
    return song(f"Intro {first} 1", f"Drop {bars - first} 4", bpm=track.bpm)


@dataclass
class Ports:
    """The receivers. `wall` may be there or not; visuals may move."""

    lights: int
    visuals: int
    elsewhere: int
    wall: int


@dataclass
class File:
    """What the configuration says at present."""

    ports: Ports
    lists: dict[str, list[int]] = field(default_factory=lambda: {"a": [0, 1, 2, 3, 4, 5], "b": [0, 1, 2, 3]})
    downbeats: bool = False
    arguments: str = "[bar, beat]"
    word: str = "look"
    moved: bool = False
    wall: bool = False

    def written(self) -> str:
        """As YAML."""
        decks = "\n".join(f"  {name}: {self._deck(name)}" for name in "ab")
        visuals = self.ports.elsewhere if self.moved else self.ports.visuals
        wall = f"\n  wall: 'osc.udp://127.0.0.1:{self.ports.wall}'" if self.wall else ""
        return (
            f"decks:\n{decks}\non_air: {{hand_over: beat}}\ntargets:\n"
            f"  lights: {{url: 'osc.udp://127.0.0.1:{self.ports.lights}', max_rate: 1000}}\n"
            f"  visuals: 'osc.udp://127.0.0.1:{visuals}'{wall}\n"
        )

    def _deck(self, name: str) -> str:
        names = ", ".join(f"{name}{number}.json" for number in self.lists[name])
        rules = [f"{{name: beats, on: beat, send: {{to: lights, address: /{name}/beat, args: {self.arguments}}}}}"]
        look = f'{{to: visuals, address: "/{name}/{self.word}/{{label}}", args: [1], end: {{args: [0]}}}}'
        rules.append(f"{{name: looks, on: section, send: {look}}}")
        if self.downbeats:
            rules.append(f"{{name: bars, on: downbeat, send: {{to: lights, address: /{name}/bar, args: [bar]}}}}")
        if self.wall:
            rules.append(f"{{name: wall, on: section, send: {{to: wall, address: /{name}/wall, args: [energy]}}}}")
        return f"{{setlist: [{names}], clock: {{start: now}}, rules: [{', '.join(rules)}]}}"

    def change(self, chance: random.Random) -> None:
        """An edit of any kind."""
        match chance.choice(["downbeats", "arguments", "word", "moved", "wall", "list", "list"]):
            case "downbeats":
                self.downbeats = not self.downbeats
            case "arguments":
                self.arguments = chance.choice(["[bar, beat]", "[beat, bar]", "[bar, beat, energy]"])
            case "word":
                self.word = chance.choice(["look", "scene", "state"])
            case "moved":
                self.moved = not self.moved
            case "wall":
                self.wall = not self.wall
            case _:
                numbers = self.lists[chance.choice("ab")]
                numbers.insert(chance.randint(0, len(numbers)), chance.randint(0, 7))
                if len(numbers) > 8:
                    del numbers[chance.randint(0, len(numbers) - 1)]


BAD = (
    lambda good: good.replace("decks:", "dekcs:"),
    lambda good: good[: len(good) // 2],
    lambda good: good.replace("on: beat", "on: baet"),
    lambda good: good.replace("to: visuals", "to: visals"),
    lambda good: good.replace("osc.udp", "osc.upd"),
    lambda good: good.replace("args: [1]", "args: ['1 / (energy - energy)']"),
    lambda _good: "",
    lambda good: good.replace("\n  lights", "\n\tlights"),
)


@dataclass
class Operator:
    """Operates a machine by chance, and counts what was done."""

    machine: Machine
    chance: random.Random
    file: File
    seconds: float = HOUR
    good: int = 0
    bad: int = 0
    refused: int = 0
    deaths: list[int] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    async def operate(self, **counts: int) -> None:
        """Do so many of each thing, spread over the show."""
        agenda = sorted(
            (self.chance.uniform(5, self.seconds - 10), what) for what, count in counts.items() for _ in range(count)
        )
        begun = self.machine.now
        for at, what in agenda:
            await trio.sleep(max(0.0, at - (self.machine.now - begun) / NS_PER_SECOND))
            await trio.sleep(0.1)  # what was done is on its way, and is written down
            await self._wait_quiet()
            await getattr(self, f"_{what}")()
            self.done[what] = self.done.get(what, 0) + 1
        await trio.sleep(max(0.0, self.seconds - (self.machine.now - begun) / NS_PER_SECOND))

    async def _wait_quiet(self) -> None:
        """Return at a moment at which no deck has a cue near."""
        while any(self._is_near(name) for name in self.machine.desk.ensemble.decks):
            await trio.sleep(0.013)

    def _is_near(self, name: str) -> bool:
        deck = self.machine.desk.deck(name)
        line, material = deck.transport, deck.material
        if line is None or material is None or not line.moving:
            return False
        now = self.machine.clock.now()
        first, last = (line.position_at(HostNs(now + by)) for by in (-NEAR, NEAR))
        edges = (material.track.duration, TrackNs(0))
        near_edge = any(first - ms(60) <= edge <= last + ms(60) for edge in edges)
        return near_edge or any(bool(lane.cues_within(first, last)) for lane in material.schedule.lanes)

    # What is done

    async def _seek(self) -> None:
        deck = self.machine.desk.deck(self.chance.choice("ab"))
        material = deck.material
        assert material is not None
        positions = sorted(cue.position for cue in material.schedule.cues)
        while True:
            to = TrackNs(self.chance.randrange(material.track.duration - 3 * NS_PER_SECOND))
            place = bisect_left(positions, to)
            around = positions[max(place - 1, 0) : place + 1]
            if all(abs(position - to) > NEAR for position in around):
                break
        await self._do(SeekTo(to, deck.name))

    async def _pause(self) -> None:
        name = self.chance.choice("ab")
        await self._do(Pause(name))
        await trio.sleep(self.chance.uniform(0.5, 5))
        await self._wait_quiet()
        await self._do(Play(name))

    async def _stop(self) -> None:
        name = self.chance.choice("ab")
        await self._do(StopDeck(name))
        await trio.sleep(self.chance.uniform(0.5, 5))
        await self._wait_quiet()
        await self._do(Play(name))

    async def _rate(self) -> None:
        await self._do(SetRate(self.chance.choice([0.5, 1.0, 1.0, 1.06]), self.chance.choice("ab")))

    async def _step(self) -> None:
        await self._do(Step(self.chance.choice([-1, 1]), self.chance.choice("ab")))

    async def _hand_over(self) -> None:
        on_air = self.machine.desk.ensemble.on_air.master
        await self._do(PutOnAir("b" if on_air == "a" else "a"))

    async def _mute(self) -> None:
        await self._do(Mute("visuals"))
        await trio.sleep(self.chance.uniform(0.5, 5))
        await self._wait_quiet()
        await self._do(Mute("visuals", on=False))

    async def _do(self, command: object) -> None:
        try:
            await self.machine.desk.do(command)  # type: ignore[arg-type]
        except CommandRefused:
            self.refused += 1

    async def _edit(self) -> None:
        if self.chance.random() < 0.2:
            name = self.chance.choice(sorted(self.machine.tracks))
            self.machine.tracks[name] = another_structure(self.machine.tracks[name], self.chance)
        else:
            self.file.change(self.chance)
        self.machine.edit(self.file.written())
        await self.machine.desk.do(Reload())
        self.good += 1

    async def _mistake(self) -> None:
        good = self.file.written()
        self.machine.edit(self.chance.choice(BAD)(good))
        try:
            await self.machine.desk.do(Reload())
        except BeatsyncError:
            self.bad += 1
        self.machine.edit(good)

    # What dies

    async def _daemon_dies(self) -> None:
        await self.machine.kill_daemon()
        await trio.sleep(self.chance.uniform(0.05, 3))
        await self._start()

    async def _conductor_dies(self) -> None:
        await self.machine.kill_conductor(for_seconds=self.chance.uniform(0.05, 1.5))
        await trio.sleep(2)

    async def _both_die(self) -> None:
        await self.machine.kill_daemon()
        await self.machine.kill_conductor(for_seconds=self.chance.uniform(0.05, 1.5))
        await self._start()

    async def _reboot(self) -> None:
        self.deaths.append(self.machine.now)
        await self.machine.reboot(self.chance.uniform(3, 20))
        await self._start()

    async def _start(self) -> None:
        await self.machine.start()
        await trio.sleep(0.3)
