"""Tasks that run beside a show, for people: a progress line, the health of receivers, the books of every minute."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import trio

from beatsync.commands.running_log import Log
from beatsync.core.track import Track
from beatsync.core.units import TrackNs, clock_face
from beatsync.decks.ensemble import Ensemble
from beatsync.outputs.output import Health, State
from beatsync.terminal.cue_log import Progress
from beatsync.terminal.log_watch import LogWatch
from beatsync.terminal.summary import minute_line, minute_record, summary_line
from beatsync.traces.writing import TraceWriter

PROGRESS_SECONDS: Final = 0.25
HEALTH_SECONDS: Final = 1.0
BOOKS_SECONDS: Final = 60.0

Companion: TypeAlias = Callable[[Ensemble], Awaitable[None]]


def show_progress(log: Log) -> Companion:
    """Keeps the progress line current: of the deck that is on air."""

    async def companion(ensemble: Ensemble) -> None:
        while True:
            state = ensemble.decks[ensemble.on_air.master].state()
            if state.position is not None and state.track is not None:
                totals = summary_line(ensemble.conductor.snapshot().total).partition(" · ")[0]
                place = place_of(state.track, state.position)
                log.writer.put(Progress(state.position, state.track.duration, place, totals))
            await trio.sleep(PROGRESS_SECONDS)

    return companion


def place_of(track: Track, position: TrackNs) -> str:
    """`Drop 1 · bar 33 · Break in 0:04.200`."""
    parts = []
    section = track.section_at(position)
    if section:
        parts.append(section.name)
    bar = track.grid.bar_at(position) if track.grid else None
    if bar:
        parts.append(f"bar {bar.number}")
    following = next((other for other in track.sections if other.start > position), None)
    if following:
        parts.append(f"{following.name} in {clock_face(following.start - position)}")
    return " · ".join(parts)


def tell_health(log: Log) -> Companion:
    """Says when what is known of a receiver changes, and each time that its connection was lost."""

    async def companion(ensemble: Ensemble) -> None:
        known: dict[str, tuple[State, str, int]] = {}
        while True:
            for name, health in ensemble.conductor.snapshot().health.items():
                now = (health.state, health.detail, health.breaks)
                if known.get(name) != now:
                    known[name] = now
                    _say_health(log, name, health)
            await trio.sleep(HEALTH_SECONDS)

    return companion


def _say_health(log: Log, name: str, health: Health) -> None:
    detail = f" ({health.detail})" if health.detail else ""
    breaks = f"; lost {health.breaks} times so far" if health.breaks > 1 else ""
    way = f"{health.peer} from {health.source}" if health.source else health.peer
    record = {
        "event": "target",
        "target": name,
        "state": health.state,
        "peer": health.peer,
        "detail": health.detail,
        "breaks": health.breaks,
    }
    grave = health.state in {State.DEGRADED, State.DOWN}
    log.say(f"target {name}: {health.state}: {way}{detail}{breaks}", record, grave=grave)


def watch_log(watch: LogWatch) -> Companion:
    """Looks whether the log can be written."""

    async def companion(_: Ensemble) -> None:
        while True:
            watch.look()
            await trio.sleep(HEALTH_SECONDS)

    return companion


def watch_trace(log: Log, trace: TraceWriter) -> Companion:
    """Says once when nothing is kept any more."""

    async def companion(_: Ensemble) -> None:
        while True:
            failure = trace.failure
            if failure is not None:
                record = {"event": "trace", "failure": failure}
                log.say(f"the trace ends here: {failure}; the show goes on", record, grave=True)
                return
            await trio.sleep(HEALTH_SECONDS)

    return companion


def tell_books(log: Log) -> Companion:
    """Says every minute what became of the cues of that minute, and how late they were."""

    async def companion(ensemble: Ensemble) -> None:
        before = ensemble.conductor.snapshot()
        while True:
            await trio.sleep(BOOKS_SECONDS)
            now = ensemble.conductor.snapshot()
            if now.total.due != before.total.due:
                log.say(minute_line(now, before), minute_record(now, before))
            before = now

    return companion
