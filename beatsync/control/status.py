"""The daemon's state as JSON-safe values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beatsync.conductor.report import Snapshot
from beatsync.conductor.tally import Totals
from beatsync.core.quality import Quality
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_MS, HostNs, seconds_from_ns
from beatsync.decks.deck_clock import FeedStanding
from beatsync.decks.desk import Desk
from beatsync.decks.player_tracks import described
from beatsync.decks.state import DeckState
from beatsync.terminal.summary import lateness_ms


def status_record(desk: Desk) -> Mapping[str, Any]:
    """Everything that `beatsync status` shows."""
    ensemble, settings = desk.ensemble, desk.settings
    snapshot = ensemble.conductor.snapshot()
    return {
        "on_air": ensemble.on_air.master,
        "locked": settings.locked,
        "panic": settings.panicked,
        "muted": sorted(settings.muted),
        "soloed": sorted(settings.soloed),
        "decks": {
            name: deck_record(deck.state(), ensemble.conductor.next_deadline(name))
            for name, deck in ensemble.decks.items()
        },
        **_books(snapshot.total),
        "conductor": _conductor_record(snapshot),
        "targets": {name: _target_record(name, snapshot) for name in snapshot.health},
    }


def deck_record(state: DeckState, deadline: HostNs | None) -> Mapping[str, Any]:
    """One deck. `deadline`: of its next cue."""
    track = state.track
    position = state.position
    section = None if track is None or position is None else track.section_at(position)
    bar = None if track is None or position is None or track.grid is None else track.grid.bar_at(position)
    return {
        "playback": state.playback,
        "position": None if position is None else seconds_from_ns(position),
        "rate": state.rate / NORMAL_RATE,
        "track": state.material.name if state.material else None,
        "duration": None if track is None else seconds_from_ns(track.duration),
        "section": section.name if section else None,
        "bar": bar.number if bar else None,
        "cues": len(state.material.schedule) if state.material else 0,
        "cue_ahead": deadline is not None,
        "clock": state.clock,
        "quality": quality_record(state.quality, state.at),
        "feeds": [feed_record(feed, state.at) for feed in state.feeds],
        "unknown_track": described(state.unknown) if state.unknown else None,
        "stopped": state.stopped,
        "on_air": state.on_air,
        "place": state.place,
        "setlist": state.count,
        "following": state.following,
    }


def quality_record(quality: Quality, at: HostNs) -> Mapping[str, Any]:
    """How well playback is followed."""
    last = quality.last_break
    return {
        "state": quality.state,
        "error_ms": None if quality.error is None else quality.error / NS_PER_MS,
        "observations_per_second": round(quality.rate, 2),
        "age": None if quality.age is None else seconds_from_ns(quality.age),
        "refused": quality.refused,
        "last_break": None if last is None else {"ago": seconds_from_ns(at - last.at), "why": last.why},
    }


def feed_record(feed: FeedStanding, at: HostNs) -> Mapping[str, Any]:
    """One feed of a deck."""
    health = feed.health
    return {
        "name": health.name,
        "leads": feed.leads,
        "state": health.state,
        "source": health.source,
        "reason": health.reason,
        "observations": health.observations,
        "ignored": dict(health.ignored),
        "troubles": health.troubles,
        "quality": quality_record(feed.quality, at),
    }


def _conductor_record(snapshot: Snapshot) -> Mapping[str, Any]:
    return {
        "process": snapshot.process,
        "realtime": snapshot.precision.realtime,
        "memory_locked": snapshot.precision.memory_locked,
        "seconds_since_wake": seconds_from_ns(snapshot.at - snapshot.woke),
    }


def _target_record(name: str, snapshot: Snapshot) -> Mapping[str, Any]:
    health = snapshot.health[name]
    return {
        "state": health.state,
        "peer": health.peer,
        "source": health.source,
        "sent": health.sent,
        "failed": health.failed,
        "breaks": health.breaks,
        "detail": health.detail,
        **_books(snapshot.totals.get(name, Totals())),
    }


def _books(totals: Totals) -> Mapping[str, Any]:
    return {
        "due": totals.due,
        "queued": totals.queued,
        "verdicts": dict(totals.verdicts),
        "lateness_ms": lateness_ms(totals),
    }
