"""The steps of a random script as actions for a conductor."""

from __future__ import annotations

from beatsync.conductor.actions import Action, Adjust, Chase, Load, Release, Seek, SetLead, Silence, Stop
from beatsync.core.engine import MAIN_DECK
from beatsync.core.leads import Lead
from beatsync.core.schedule import Schedule
from beatsync.core.transport import PAUSED, Transport, rate_of
from beatsync.core.units import HostNs, TrackNs, ms
from tests.core.random_shows import Step


def action_of(step: Step, *, now: HostNs, before: Transport | None, schedule: Schedule) -> Action | None:
    """What `step` tells a conductor whose main deck follows `before`; None where it is of another sort."""
    muted = (step.target,)
    others: dict[str, Action] = {
        "lead": SetLead(step.target, Lead(ms(step.ms))),
        "silence": Silence("muted", targets=muted),
        "release": Release("muted", targets=muted),
        "load": Load(MAIN_DECK, schedule),
        "chase": Chase(step.target),
        "stop": Stop(MAIN_DECK),
    }
    return _seek_of(step, now, before) or others.get(step.name)


def _seek_of(step: Step, now: HostNs, before: Transport | None) -> Action | None:
    here = before.position_at(now) if before else None
    match step.name:
        case "play":
            return Seek(MAIN_DECK, Transport(now, TrackNs(ms(step.at)), rate_of(step.rate)))
        case "pause" | "resume" if here is not None:
            return Seek(MAIN_DECK, Transport(now, here, PAUSED if step.name == "pause" else rate_of(1)))
        case "adjust" if here is not None and before is not None:
            return Adjust(MAIN_DECK, Transport(now, TrackNs(here + ms(step.ms)), before.rate))
        case _:
            return None
