"""What is to be said of a deck when everything is ready for its first cue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beatsync.clock import Clock
from beatsync.config.configuration import ClockChoice
from beatsync.config.starts import StartAt
from beatsync.core.engine import MAIN_DECK
from beatsync.core.schedule import Phase
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, clock_face, seconds_from_ns
from beatsync.decks.deck import Deck
from beatsync.decks.material import Material
from beatsync.feeds.start import transport_of_start
from beatsync.plan.facts import counted


@dataclass(frozen=True, slots=True)
class Arming:
    """A deck that is armed: for people, and for programs."""

    deck: str
    text: str
    record: Mapping[str, Any]
    idle: bool = False
    """It will send nothing, unless it is loaded anew or led back."""


def arming(deck: Deck, leading: ClockChoice, clock: Clock, *, taken_over: bool) -> Arming:
    """`leading`: what leads the deck; `taken_over`: it was found playing already."""
    state, material = deck.state(), deck.material
    name = "" if deck.name == MAIN_DECK else f"deck {deck.name}: "
    record: dict[str, Any] = {"playback": state.playback}
    if material is None:
        return Arming(deck.name, f"{name}nothing loaded", record)
    duration, cues = material.track.duration, len(material.schedule)
    text = f"{name}{material.name}, {clock_face(duration)}, {counted(cues, 'cue')}"
    record |= {"track": material.name, "duration": seconds_from_ns(duration), "cues": cues}
    if taken_over and state.position is not None:
        text += f"; it was playing already, and goes on at {clock_face(state.position)}"
        record["taken_over_at"] = seconds_from_ns(state.position)
    elif isinstance(leading, StartAt):
        joining, facts = joining_of(leading, material, clock)
        text += joining
        record |= facts
    idle = not cues or "over" in record or record.get("lying_before") == cues
    return Arming(deck.name, text, record, idle)


def joining_of(start: StartAt, material: Material, clock: Clock) -> tuple[str, Mapping[str, Any]]:
    """Where playback joins whose start lies in the past, and what lies before; nothing where it is still to come."""
    now = clock.now()
    line = transport_of_start(start, now=now, wall=clock.wall())
    if not isinstance(line, Transport) or (position := line.position_at(now)) <= 0:
        return "", {}
    if position >= material.track.duration:
        return f"; it started {clock_face(position)} ago: it is over", {"over": True}
    before = lying_before(material, line, now)
    text = f"; it started {clock_face(position)} ago: playback joins there, {before:,} of its cues lie before"
    return text, {"joins_at": seconds_from_ns(position), "lying_before": before}


def lying_before(material: Material, transport: Transport, now: HostNs) -> int:
    """How many cues lie before the position that playback joins at."""
    position = transport.position_at(now)
    return sum(cue.phase is Phase.START and cue.position < position for cue in material.schedule.cues)
