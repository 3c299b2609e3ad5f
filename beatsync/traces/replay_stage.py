"""What a trace is played again on: the decks of a show, led by what led them then, and a conductor without sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import trio
from msgspec.structs import replace

from beatsync.conductor.actions import SetTrackLead
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.report import Report
from beatsync.config.configuration import ClockChoice, Configuration, FollowFeeds
from beatsync.core.estimator import Estimator
from beatsync.core.failover import Failover
from beatsync.core.targets import Target
from beatsync.decks.assembling import Supplier, repertoire_of
from beatsync.decks.deck import Deck
from beatsync.decks.on_air import OnAir
from beatsync.decks.record import Record
from beatsync.decks.show import Show
from beatsync.errors import TraceError
from beatsync.outputs.recorder import Recorder
from beatsync.traces.lines import DeckLine, TraceLine
from beatsync.traces.manual_clock import ManualClock, NoAlarm
from beatsync.traces.replayed_clock import ReplayedFeeds, ReplayedVerdicts

ReplayedClock: TypeAlias = ReplayedFeeds | ReplayedVerdicts


class RecordingConductor(Conductor):
    """A conductor whose packets go nowhere; everything is applied at once."""

    def __init__(self, targets: Iterable[Target], clock: ManualClock, report: Callable[[Report], None]) -> None:
        """`report`: told every verdict."""
        super().__init__(targets, clock=clock, report=report, alarm=NoAlarm())
        self.connect({target.name: Recorder(target) for target in self.targets})

    async def wait_applied(self) -> None:
        """It always has been."""
        await trio.lowlevel.checkpoint()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStage:
    """`decks` and `clocks` by the configuration's names; `roles`: those names, by the trace's.

    `remarks`: what is not as it was then.
    """

    clock: ManualClock
    conductor: RecordingConductor
    decks: dict[str, Deck]
    clocks: dict[str, ReplayedClock]
    on_air: OnAir
    roles: dict[str, str]
    remarks: tuple[str, ...]


def stage_for(
    start: TraceLine,
    show: Show,
    supplier: Supplier,
    *,
    report: Callable[[Report], None],
    record: Record,
) -> ReplayStage:
    """The stage, as it is when a session of a trace begins. Raises TraceError where no deck is in both."""
    configuration = show.configuration
    clock = ManualClock(start.at, start.wall)
    conductor = RecordingConductor(configuration.targets, clock, report)
    conductor.do(*show.loads)
    roles = _roles(start, configuration)
    led_by = {name: start.decks[then] for then, name in roles.items()}
    clocks: dict[str, ReplayedClock] = {}
    decks = {
        name: Deck(
            choice,
            repertoire_of(choice, partial(supplier.material, configuration, choice)),
            conductor=conductor,
            clock=clock,
            make_clock=partial(_make_clock, clocks, led_by.get(name)),
            tell=lambda _news: None,
            record=record,
        )
        for name, choice in configuration.decks.items()
    }
    for name, (material, place) in show.loaded.items():
        decks[name].adopt(material, place)
        conductor.do(SetTrackLead(name, material.lead))
    on_air = OnAir(
        configuration.on_air,
        decks,
        targets=configuration.targets,
        conductor=conductor,
        clock=clock,
        tell=lambda _news: None,
    )
    if len(decks) > 1:
        conductor.do(*on_air.start(configuration.on_air.deck))
    return ReplayStage(
        clock=clock,
        conductor=conductor,
        decks=decks,
        clocks=clocks,
        on_air=on_air,
        roles=roles,
        remarks=tuple(_remarks(start, configuration, roles)),
    )


def _make_clock(clocks: dict[str, ReplayedClock], then: DeckLine | None, deck: Deck) -> ReplayedClock:
    clock: ReplayedClock
    if then is not None and then.feeds:
        now = _following(deck.choice.clock, then)
        estimators = [Estimator(feed.character, feed.following) for feed in now.feeds]
        failover = Failover(estimators, hand_back=now.hand_back)
        clock = ReplayedFeeds(now.feeds[0].name, failover, deck.take, as_then=now == then)
    else:
        clock = ReplayedVerdicts(deck.take)
    clocks[deck.name] = clock
    return clock


def _following(clock: ClockChoice, then: DeckLine) -> DeckLine:
    """How the feeds of the trace are followed: as the configuration says where it has as many, else as they were."""
    if not _has_as_many(clock, then):
        return then
    assert isinstance(clock, FollowFeeds)
    feeds = tuple(replace(feed, following=its.following) for feed, its in zip(then.feeds, clock.feeds, strict=True))
    return DeckLine(feeds, clock.hand_back)


def _has_as_many(clock: ClockChoice, then: DeckLine) -> bool:
    return isinstance(clock, FollowFeeds) and len(clock.feeds) == len(then.feeds)


def _roles(start: TraceLine, configuration: Configuration) -> dict[str, str]:
    """Which deck of the configuration plays the part of each deck of the trace."""
    then, now = list(start.decks), list(configuration.decks)
    if len(then) == len(now) == 1:
        return {then[0]: now[0]}
    roles = {name: name for name in then if name in now}
    if not roles:
        raise TraceError(
            f"the trace has the decks {', '.join(then)}, and the configuration {', '.join(now)}; "
            "name one of them as in the trace"
        )
    return roles


def _remarks(start: TraceLine, configuration: Configuration, roles: dict[str, str]) -> Iterator[str]:
    left_out = [name for name in start.decks if name not in roles]
    if left_out:
        yield f"left out: {', '.join(left_out)}: the configuration has no such deck"
    for then, name in roles.items():
        led_by = start.decks[then]
        if led_by.feeds and not _has_as_many(configuration.decks[name].clock, led_by):
            names = " and ".join(feed.name for feed in led_by.feeds)
            yield f"deck {name} does not follow {names} in this configuration: followed as they were then"
