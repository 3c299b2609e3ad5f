"""Targets: from the file's shape to values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from beatsync.config.target_models import TargetModel
from beatsync.core.leads import Lead
from beatsync.core.notes import Note
from beatsync.core.rules import Message
from beatsync.core.targets import Carrier, Framing, Pace, Target
from beatsync.core.units import NO_TIME, DurationNs


def target_of(name: str, model: TargetModel) -> Target:
    """A target."""
    host, port = model.source or (None, None)
    target = Target(
        name=name,
        carrier=model.url.carrier,
        host=model.url.host,
        port=model.url.port,
        framing=Framing(model.framing or Framing.LENGTH),
        lead=Lead(DurationNs(model.lead or 0), DurationNs(model.track_lead or 0)),
        ahead=DurationNs(model.timetags.ahead) if model.timetags else NO_TIME,
        bundles=model.bundles,
        pace=Pace(model.pace.packets, DurationNs(model.pace.every)) if model.pace else None,
        max_rate=model.max_rate,
        source_host=host,
        source_port=port,
        broadcast=model.broadcast,
        multicast_ttl=model.multicast_ttl,
        chase_on_reconnect=model.chase_on_reconnect is not False,
    )
    if model.queue is None:
        return target
    return replace(target, queue_count=model.queue.count, queue_age=DurationNs(model.queue.age))


def safe_messages(name: str, model: TargetModel) -> tuple[Message, ...]:
    """What puts a target into its safe state."""
    return tuple(Message(name, safe.address, safe.args) for safe in model.safe)


def target_notes(targets: tuple[Target, ...]) -> Iterator[Note]:
    """What is doubtful about them."""
    known: dict[str, str] = {}
    for target in targets:
        place = f"targets.{target.name}"
        if target.url in known:
            yield Note(place, f"the same receiver as {known[target.url]}: it gets the cues of both")
        known.setdefault(target.url, place)
        if target.carrier is Carrier.UDP and target.host.endswith(".255") and not target.broadcast:
            yield Note(place, f"{target.host} looks like a broadcast address; it needs broadcast: true if it is one")
