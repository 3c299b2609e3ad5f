"""The daemon's state as a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from beatsync.conductor.report import Snapshot
from beatsync.conductor.tally import Totals
from beatsync.config.configuration import Configuration
from beatsync.control.records import (
    BreakRecord,
    ConductorRecord,
    DeckRecord,
    FeedRecord,
    FiguresRecord,
    QualityRecord,
    StandInRecord,
    StatusRecord,
    TargetRecord,
)
from beatsync.core.quality import Quality
from beatsync.core.targets import Target
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_MS, HostNs, seconds_from_ns
from beatsync.core.verdicts import Verdict
from beatsync.decks.deck_clock import FeedStanding
from beatsync.decks.desk import Desk
from beatsync.decks.player_tracks import described
from beatsync.decks.standing_in import since_text, standing_in_text
from beatsync.decks.state import DeckState
from beatsync.terminal.summary import figures_ms


def status_record(desk: Desk, *, at: HostNs, revision: str, refused: Mapping[str, int]) -> StatusRecord:
    """Everything that `beatsync status` shows. `refused`: how many requests were not let in, and why."""
    ensemble, settings = desk.ensemble, desk.settings
    snapshot = ensemble.conductor.snapshot()
    silent = desk.silent_targets
    return StatusRecord(
        at=seconds_from_ns(at),
        revision=revision,
        on_air=ensemble.on_air.master,
        locked=settings.locked,
        panic=settings.panicked,
        muted=sorted(settings.muted),
        soloed=sorted(settings.soloed),
        decks={
            name: deck_record(deck.state(), ensemble.conductor.next_deadline(name))
            for name, deck in ensemble.decks.items()
        },
        **_books(snapshot.total),
        conductor=_conductor_record(snapshot),
        targets={
            target.name: _target_record(target, snapshot, silent=target.name in silent)
            for target in desk.targets
            if target.name in snapshot.health
        },
        refused=refused,
        stand_in=stand_in_record(ensemble.configuration),
    )


def stand_in_record(configuration: Configuration) -> StandInRecord | None:
    """What stands in for files that cannot be used."""
    stand_in = configuration.stand_in
    if stand_in is None:
        return None
    return StandInRecord(
        file=str(configuration.path.absolute()),
        since=since_text(stand_in),
        problems=stand_in.problems,
        message=standing_in_text(configuration, stand_in),
    )


def deck_record(state: DeckState, deadline: HostNs | None) -> DeckRecord:
    """One deck. `deadline`: of its next cue."""
    track = state.track
    position = state.position
    section = None if track is None or position is None else track.section_at(position)
    bar = None if track is None or position is None or track.grid is None else track.grid.bar_at(position)
    return DeckRecord(
        playback=state.playback,
        position=None if position is None else seconds_from_ns(position),
        rate=state.rate / NORMAL_RATE,
        track=state.material.name if state.material else None,
        duration=None if track is None else seconds_from_ns(track.duration),
        section=section.name if section else None,
        bar=bar.number if bar else None,
        cues=len(state.material.schedule) if state.material else 0,
        cue_ahead=deadline is not None,
        clock=state.clock,
        quality=quality_record(state.quality, state.at),
        feeds=tuple(feed_record(feed, state.at) for feed in state.feeds),
        unknown_track=described(state.unknown) if state.unknown else None,
        stopped=state.stopped,
        on_air=state.on_air,
        place=state.place,
        setlist=state.count,
        following=state.following,
    )


def quality_record(quality: Quality, at: HostNs) -> QualityRecord:
    """How well playback is followed."""
    last = quality.last_break
    return QualityRecord(
        state=quality.state,
        error_ms=None if quality.error is None else quality.error / NS_PER_MS,
        observations_per_second=round(quality.rate, 2),
        age=None if quality.age is None else seconds_from_ns(quality.age),
        refused=quality.refused,
        last_break=None if last is None else BreakRecord(ago=seconds_from_ns(at - last.at), why=last.why),
    )


def feed_record(feed: FeedStanding, at: HostNs) -> FeedRecord:
    """One feed of a deck."""
    health = feed.health
    return FeedRecord(
        name=health.name,
        leads=feed.leads,
        state=health.state,
        source=health.source,
        reason=health.reason,
        observations=health.observations,
        ignored=dict(health.ignored),
        troubles=health.troubles,
        quality=quality_record(feed.quality, at),
    )


def _conductor_record(snapshot: Snapshot) -> ConductorRecord:
    return ConductorRecord(
        process=snapshot.process,
        realtime=snapshot.precision.realtime,
        memory_locked=snapshot.precision.memory_locked,
        seconds_since_wake=seconds_from_ns(snapshot.at - snapshot.woke),
        rearm_ms=FiguresRecord(**figures_ms(snapshot.rearmed)),
    )


def _target_record(target: Target, snapshot: Snapshot, *, silent: bool) -> TargetRecord:
    health = snapshot.health[target.name]
    return TargetRecord(
        state=health.state,
        peer=health.peer,
        source=health.source,
        sent=health.sent,
        failed=health.failed,
        breaks=health.breaks,
        detail=health.detail,
        lead_ms=target.lead.real / NS_PER_MS,
        track_lead_ms=target.lead.track / NS_PER_MS,
        silent=silent,
        **_books(snapshot.totals.get(target.name, Totals())),
    )


class _Books(TypedDict):
    due: int
    queued: int
    verdicts: Mapping[Verdict, int]
    lateness_ms: FiguresRecord


def _books(totals: Totals) -> _Books:
    return {
        "due": totals.due,
        "queued": totals.queued,
        "verdicts": dict(totals.verdicts),
        "lateness_ms": FiguresRecord(**figures_ms(totals.lateness)),
    }
