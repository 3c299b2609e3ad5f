"""A booth in virtual time: decks, a conductor, a recorder for each target, and everything that was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import trio

from beatsync.clock import Clock, TrioClock
from beatsync.conductor.actions import Action
from beatsync.conductor.conducted import Retargetable
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.report import Report
from beatsync.config.configuration import Configuration, DeckChoice, FeedChoice, FromFile, TrackChoice
from beatsync.config.read import read_config
from beatsync.core.document import ParsedTrack
from beatsync.core.engine import MAIN_DECK
from beatsync.core.position_units import Place
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.decks.assembling import Means, assemble
from beatsync.decks.commands import Reload, Reloaded
from beatsync.decks.deck import Deck
from beatsync.decks.desk import Desk
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.material import Material, name_of
from beatsync.decks.news import News
from beatsync.decks.preparing import material_of
from beatsync.decks.record import Entry
from beatsync.decks.show import Show, first_of
from beatsync.errors import SourceError
from beatsync.outputs.recorder import Recorder
from beatsync.reloading.files import Look
from beatsync.reloading.reloading import Reloading
from tests.core.shows import song
from tests.decks.scripted_feed import ScriptedFeed

SHOW = Path("/shows/show.yaml")
TARGETS = "targets: {lights: {url: 'osc.udp://127.0.0.1:7700', max_rate: 100000}}"
BEATS = "rules: [{on: beat, send: {address: /beat, args: [bar, beat]}}]"


@dataclass
class Shelf:
    """Tracks by the names of their files. What is not there cannot be had; `asked` is everything that was wanted."""

    tracks: dict[str, Track]
    asked: list[str] = field(default_factory=list)
    seconds: float = 0
    """How long it takes to find one."""

    async def material(self, configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Material:
        """As a Preparation does it."""
        await trio.sleep(self.seconds)
        return self.material_at_once(configuration, deck, choice)

    def material_at_once(self, configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Material:
        """The same without waiting."""
        name = choice.origin.path.name if isinstance(choice.origin, FromFile) else name_of(choice)
        self.asked.append(name)
        track = self.tracks.get(name)
        if track is None:
            raise SourceError(f"{name}: no such track")
        return material_of(ParsedTrack(track, ()), configuration, deck, choice)


class Rig(Conductor):
    """A conductor whose outputs are recorders, made as they are needed."""

    def __init__(self, targets: Iterable[Target], clock: TrioClock, report: Callable[[Report], None]) -> None:
        super().__init__(targets, clock=clock, report=report)
        self.recorders: dict[str, Recorder] = {}
        self.told: list[tuple[Action, ...]] = []
        self.connect(self.recorders)

    def do(self, *actions: Action) -> None:
        """Note it, and do it."""
        self.told.append(actions)
        super().do(*actions)

    async def pack(self, _schedules: Iterable[Schedule]) -> None:
        """They go nowhere."""
        await trio.lowlevel.checkpoint()

    async def prepare(self, targets: Iterable[Target]) -> None:
        """Open these too."""
        self.recorders |= {target.name: Recorder(target) for target in targets if target.name not in self.recorders}
        await trio.lowlevel.checkpoint()

    async def wait_applied(self) -> None:
        """It always has been."""
        await trio.lowlevel.checkpoint()


@dataclass
class Booth:
    """Everything of a running show but the sockets. `written`: the configuration; `feeds`: those it names, scripted."""

    nursery: trio.Nursery
    written: str
    tracks: Mapping[str, Track] = field(default_factory=lambda: {"song.json": song("Intro 2", "Drop 2")})
    clock: TrioClock = field(default_factory=TrioClock)
    reports: list[Report] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    record: list[Entry] = field(default_factory=list)
    feeds: list[ScriptedFeed] = field(default_factory=list)
    files: dict[Path, tuple[int, int, int, int]] = field(default_factory=dict)
    """What is seen of the show's files."""

    def __post_init__(self) -> None:
        self.shelf = Shelf(dict(self.tracks))
        configuration = read_config(self.written.encode(), path=SHOW)
        loaded = {
            name: (self.shelf.material_at_once(configuration, deck, choice), 0)
            for name, deck in configuration.decks.items()
            if (choice := first_of(deck)) is not None
        }
        show = Show(configuration, loaded)
        self.rig = Rig(configuration.targets, self.clock, self.hear)
        self.rig.recorders |= {target.name: Recorder(target) for target in configuration.targets}
        self.rig.do(*show.loads)
        self.show = show
        means = Means(
            preparation=self.shelf,
            conductor=self.conductor_of(show),
            clock=self.clock,
            tell=self.tell,
            record=self.record.append,
            make_feed=self._make_feed,
        )
        self.ensemble: Ensemble = assemble(show, means)
        self.reloading = Reloading(means, self._read, look=self._look, seen=dict(self.files))
        self.desk = Desk(self.ensemble, reload=lambda: self.reloading.reload(self.desk), tell=self.tell)
        self.nursery.start_soon(self.rig.run)
        self.nursery.start_soon(self.ensemble.run)

    def conductor_of(self, show: Show) -> Retargetable:
        """What the decks tell what to do."""
        return self.rig

    def hear(self, report: Report) -> None:
        """What became of a cue."""
        self.reports.append(report)

    def tell(self, news: News) -> None:
        """What people are told."""
        self.news.append(news)

    def _make_feed(
        self, choice: FeedChoice, *, clock: Clock, place: Place, environment: Mapping[str, str]
    ) -> ScriptedFeed:
        feed = ScriptedFeed(f"feed {len(self.feeds)}", clock)
        self.feeds.append(feed)
        return feed

    async def _read(self) -> Configuration:
        await trio.lowlevel.checkpoint()
        return read_config(self.written.encode(), path=SHOW)

    async def _look(self, _configuration: Configuration) -> Look:
        await trio.lowlevel.checkpoint()
        return Look(dict(self.files))

    async def edit(self, written: str) -> Reloaded:
        """The configuration is this from now on, and is read again."""
        self.written = written
        outcome = await self.desk.do(Reload())
        assert isinstance(outcome, Reloaded)
        return outcome

    def begin(self) -> None:
        """Everything is armed."""
        self.ensemble.begin({})

    @property
    def deck(self) -> Deck:
        """The only one, or the first."""
        return next(iter(self.ensemble.decks.values()))

    @property
    def sent(self) -> list[str]:
        """What went out: `/beat 1 1`."""
        return [self.told(report) for report in self.reports if report.outcome.to_send]

    def told(self, report: Report) -> str:
        """One report as tests compare it."""
        cue = report.outcome.cue
        return " ".join([cue.address, *(str(value) for _, value in cue.arguments)])

    @property
    def said(self) -> list[str]:
        """What people were told."""
        return [news.text for news in self.news]


def one_deck(start: str = "armed", *, rules: str = BEATS, track: str = "song.json") -> str:
    """A configuration with one deck."""
    return f"track: {track}\nclock: {{start: {start}}}\n{TARGETS}\n{rules}\n"


__all__ = ["BEATS", "MAIN_DECK", "TARGETS", "Booth", "Rig", "Shelf", "one_deck"]
