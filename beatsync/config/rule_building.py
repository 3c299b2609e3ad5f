"""Rules: from the file's shape to values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from beatsync.config.rule_models import RuleModel, SendModel, WhenModel
from beatsync.core.labels import KNOWN_LABELS, is_known
from beatsync.core.leads import Lead
from beatsync.core.notes import Note
from beatsync.core.rules import POLICY_OF, Conditions, Ending, Kind, Message, Policy, Rule, Send, usual_kind
from beatsync.core.units import DurationNs


def rules_of(models: list[RuleModel], place: str, targets: tuple[str, ...]) -> tuple[Rule, ...]:
    """Rules; `place`: where the list stands: `rules`, `decks.a.rules`. A send without a target goes to the first."""
    return tuple(_rule(model, f"{place}[{index}]", targets) for index, model in enumerate(models))


def _rule(model: RuleModel, place: str, targets: tuple[str, ...]) -> Rule:
    kind = Kind(model.kind) if model.kind else usual_kind(model.on)
    return Rule(
        place=place,
        name=model.name or "",
        on=model.on,
        sends=tuple(send for number, written in enumerate(model.send) for send in _sends(written, number, targets)),
        kind=kind,
        policy=_policy(model, kind),
        when=_conditions(model.when),
        at=model.at,
        lead=Lead(DurationNs(model.lead or 0), DurationNs(model.track_lead or 0)),
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


def _duration(value: int | None) -> DurationNs | None:
    return None if value is None else DurationNs(value)


def rule_notes(rules: Iterable[Rule]) -> Iterator[Note]:
    """What is doubtful about them."""
    for rule in rules:
        place, when = f"{rule.place}.when", rule.when
        for key in ("label", "previous", "next"):
            for label in getattr(when, key) or ():
                if not is_known(label):
                    near = get_close_matches(label.capitalize(), KNOWN_LABELS, n=1)
                    hint = f"; did you mean '{near[0]}'?" if near else ""
                    yield Note(f"{place}.{key}", f"'{label}' is not a label that AudioScape documents{hint}")
        if when.energy is not None and not any(when.energy.matches(energy) for energy in (1, 2, 3, 4)):
            yield Note(f"{place}.energy", "matches no energy from 1 to 4: the rule never fires")
