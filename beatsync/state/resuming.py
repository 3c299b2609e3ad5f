"""Going on with a show that was kept: its decks are put where they would be now, before anything else begins."""

from __future__ import annotations

from collections.abc import Mapping

from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, clock_face, seconds_from_ns
from beatsync.decks.deck import Deck
from beatsync.decks.desk import Desk
from beatsync.decks.material import Material, name_of
from beatsync.decks.news import News
from beatsync.state.recollecting import DeckMemory, ShowMemory

MOST_NAMED = 5
"""So many of the cues that were missed are named at once; each has its own line in the log."""


def restore(memory: ShowMemory, desk: Desk) -> None:
    """What people had set by hand holds again, before anything is sent."""
    desk.ensemble.conductor.do(*desk.restore(memory.settings))


def begin(memory: ShowMemory, desk: Desk, lines: Mapping[str, Transport], *, clock_is_right: bool) -> None:
    """Everything is armed: each deck goes on. `lines`: along which a conductor has followed playback all the while.

    `clock_is_right`: whether this machine knows what time it is.
    """
    ensemble = desk.ensemble
    gone_on: dict[str, int] = {}
    for name, deck in ensemble.decks.items():
        its = memory.decks.get(name)
        if its is not None:
            deck.recall(stopped=its.stopped, rate=its.rate, gap=its.standing.gap)
        if name in lines or its is None or not its.as_it_was:
            deck.begin(lines.get(name))
        elif its.transport is not None and _has_its_track(deck, its):
            described, missed = _described(deck, its, memory, ensemble.clock.now())
            gone_on[described] = missed
            deck.rejoin(its.transport, memory.since, memory.until, pass_number=its.pass_number)
        elif not deck.is_operated_by_hand:
            deck.begin(None)
    if gone_on:
        _tell(desk, memory, gone_on)
        if memory.rebooted and not clock_is_right:
            desk.say("clock", "the clock of this machine is not synchronised: the position may be wrong", grave=True)


def _has_its_track(deck: Deck, its: DeckMemory) -> bool:
    """Whether the track that it played could be had again."""
    wanted = its.standing.choice
    if deck.material is None or wanted is None:
        return False
    if deck.material.name == name_of(wanted):
        return True
    deck.telling.trouble(f"{name_of(wanted)}, which was played, cannot be had any more; {deck.material.name} is armed")
    return False


def _tell(desk: Desk, memory: ShowMemory, gone_on: Mapping[str, int]) -> None:
    ensemble = desk.ensemble
    why = "the machine was started anew" if memory.rebooted else "beatsync was gone"
    text = f"{why}; after {seconds_from_ns(memory.away):.1f} s the show goes on: {'; '.join(gone_on)}"
    fields = {"away": seconds_from_ns(memory.away), "rebooted": memory.rebooted, "missed": sum(gone_on.values())}
    desk.tell(News(ensemble.clock.now(), "resumed", text, fields, grave=True))


def _described(deck: Deck, its: DeckMemory, memory: ShowMemory, now: HostNs) -> tuple[str, int]:
    """Where a deck goes on, in words, and how many of its cues have been missed."""
    line, material = its.transport, deck.material
    assert line is not None
    assert material is not None
    position = min(line.position_at(now), material.track.duration)
    missed = missed_cues(material, line, memory.since, now)
    where = f"deck {deck.name}: {material.name} at {clock_face(position)}"
    if not missed:
        return f"{where}, no cue missed", 0
    named = ", ".join(missed[:MOST_NAMED]) + (", ..." if len(missed) > MOST_NAMED else "")
    return f"{where}, {len(missed)} cues missed ({named})", len(missed)


def missed_cues(material: Material, line: Transport, since: HostNs, now: HostNs) -> list[str]:
    """The cues that playback has passed meanwhile, leads aside."""
    if not line.moving:
        return []
    first, last = line.position_at(since), line.position_at(now)
    return [cue.address for cue in material.schedule.cues if first < cue.position < last]
