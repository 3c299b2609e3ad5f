"""The file's shape to the values that the program uses, with the checks that need more than one key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from beatsync.config.configuration import (
    Configuration,
    FromAudioScape,
    FromBundle,
    FromFile,
    GridFromBpm,
    Origin,
    TrackChoice,
)
from beatsync.config.faults import Place
from beatsync.config.models import ConfigurationModel, RuleModel, SendModel, TargetModel, TrackModel, WhenModel
from beatsync.config.problems import Problem
from beatsync.config.target_problems import target_problems
from beatsync.core.default_rules import default_rules
from beatsync.core.labels import KNOWN_LABELS, is_known
from beatsync.core.leads import Lead
from beatsync.core.notes import Note
from beatsync.core.rules import (
    POLICY_OF,
    Conditions,
    Edge,
    Ending,
    Kind,
    Message,
    Policy,
    Rule,
    Send,
    TrackEdge,
    usual_kind,
)
from beatsync.core.targets import Carrier, Framing, Pace, Target
from beatsync.core.units import NO_TIME, DurationNs, TrackNs

_STANDARD_INPUT = "-"


def build(model: ConfigurationModel, *, path: Path, places: Mapping[str, Place]) -> Configuration:
    """The configuration that a file of good shape describes. Check `shape_problems` first."""
    targets = tuple(_target(name, target) for name, target in model.targets.items())
    names = tuple(model.targets)
    rules = (
        default_rules(names)
        if model.rules is None
        else tuple(_rule(rule, index, names) for index, rule in enumerate(model.rules))
    )
    return Configuration(
        path=path,
        track=_track(model.track, path.parent),
        start=model.clock.start,
        targets=targets,
        rules=rules,
        notes=(*_notes_on_targets(targets), *_notes_on_rules(model.rules or [])),
        places=places,
    )


def shape_problems(targets: Mapping[str, TargetModel], rules: Mapping[int, RuleModel]) -> Iterator[Problem]:
    """What no single key can tell. `rules` by their places; only what is good in itself."""
    yield from target_problems(targets)
    for index, rule in rules.items():
        endless = any(send.end and send.end.after is None for send in rule.send)
        if endless and rule.on == TrackEdge(Edge.END):
            yield Problem(("rules", index, "send"), "the track's end has no end of its own; give 'end' an 'after'")


def _track(model: TrackModel, folder: Path) -> TrackChoice:
    origin: Origin = FromBundle()
    if model.audioscape is not None:
        origin = FromAudioScape(model.audioscape, model.update)
    elif model.file is not None:
        origin = FromFile(Path(model.file) if model.file == _STANDARD_INPUT else folder / model.file)
    first = model.first_downbeat
    return TrackChoice(
        origin=origin,
        grid=None if first is None else GridFromBpm(TrackNs(first), model.beats_per_bar),
        expected_asset_id=model.expect.asset_id if model.expect else None,
        expected_duration=_duration(model.expect.duration) if model.expect else None,
        force=model.force,
        lead=_lead(model),
    )


def _lead(model: TrackModel | TargetModel | RuleModel) -> Lead:
    return Lead(DurationNs(model.lead or 0), DurationNs(model.track_lead or 0))


def _duration(value: int | None) -> DurationNs | None:
    return None if value is None else DurationNs(value)


def _target(name: str, model: TargetModel) -> Target:
    host, port = model.source or (None, None)
    target = Target(
        name=name,
        carrier=model.url.carrier,
        host=model.url.host,
        port=model.url.port,
        framing=Framing(model.framing or Framing.LENGTH),
        lead=_lead(model),
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


def _rule(model: RuleModel, index: int, targets: tuple[str, ...]) -> Rule:
    kind = Kind(model.kind) if model.kind else usual_kind(model.on)
    return Rule(
        place=f"rules[{index}]",
        name=model.name or "",
        on=model.on,
        sends=tuple(send for number, written in enumerate(model.send) for send in _sends(written, number, targets)),
        kind=kind,
        policy=_policy(model, kind),
        when=_conditions(model.when),
        at=model.at,
        lead=_lead(model),
    )


def _policy(model: RuleModel, kind: Kind) -> Policy:
    usual = POLICY_OF[kind]
    return Policy(
        jumped_into=usual.jumped_into if model.jumped_into is None else model.jumped_into == "send",
        skipped_over=model.skipped_over == "send",
        gone_back=model.gone_back == "again",
        late_limit=_duration(model.late) if "late" in model.model_fields_set else usual.late_limit,
        ends_on_pause=model.paused == "end",
    )


def _conditions(model: WhenModel) -> Conditions:
    return Conditions(**{key: getattr(model, key) for key in WhenModel.model_fields})


def _sends(model: SendModel, number: int, targets: tuple[str, ...]) -> Iterator[Send]:
    for target in model.to or targets[:1]:
        ending = None
        if model.end is not None:
            message = Message(target, model.end.address or model.address, model.end.args)
            ending = Ending(message, _duration(model.end.after))
        yield Send(Message(target, model.address, model.args), ending, model.look, number)


def _notes_on_targets(targets: tuple[Target, ...]) -> Iterator[Note]:
    known: dict[str, str] = {}
    for target in targets:
        place = f"targets.{target.name}"
        if target.url in known:
            yield Note(place, f"the same receiver as {known[target.url]}: it gets the cues of both")
        known.setdefault(target.url, place)
        if target.carrier is Carrier.UDP and target.host.endswith(".255") and not target.broadcast:
            yield Note(place, f"{target.host} looks like a broadcast address; it needs broadcast: true if it is one")


def _notes_on_rules(rules: list[RuleModel]) -> Iterator[Note]:
    for index, rule in enumerate(rules):
        when = rule.when
        for key in ("label", "previous", "next"):
            for label in getattr(when, key) or ():
                if not is_known(label):
                    near = get_close_matches(label.capitalize(), KNOWN_LABELS, n=1)
                    hint = f"; did you mean '{near[0]}'?" if near else ""
                    yield Note(
                        f"rules[{index}].when.{key}", f"'{label}' is not a label that AudioScape documents{hint}"
                    )
        if when.energy is not None and not any(when.energy.matches(energy) for energy in (1, 2, 3, 4)):
            yield Note(f"rules[{index}].when.energy", "matches no energy from 1 to 4: the rule never fires")
