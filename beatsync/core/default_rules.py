"""The messages that are sent when a configuration has no rules."""

from __future__ import annotations

from collections.abc import Iterable

from beatsync.core.expressions import Expression
from beatsync.core.osc import Tag
from beatsync.core.rules import (
    POLICY_OF,
    Computed,
    Edge,
    Every,
    Message,
    Moment,
    Rule,
    Send,
    SpanEdge,
    Unit,
    usual_kind,
)
from beatsync.core.templates import Template
from beatsync.core.track import Layer

_MESSAGES: tuple[tuple[str, Moment, str, tuple[str, ...]], ...] = (
    ("beats", Every(1, Unit.BEAT), "/beat", ("beat", "bar")),
    ("downbeats", Every(1, Unit.BAR), "/downbeat", ("bar",)),
    ("sections", SpanEdge(Layer.SECTION, Edge.START), "/section/{label}", ("energy",)),
    ("phrases", SpanEdge(Layer.PHRASE, Edge.START), "/phrase/{label}", ("energy",)),
)


def default_rules(targets: Iterable[str]) -> tuple[Rule, ...]:
    """To every target: `/beat ,ii` (beat in bar, bar), `/downbeat ,i` (bar), `/section/Drop ,i` and `/phrase/Drop ,i`.

    The last two carry the energy, 0 where it is not known.
    """
    names = tuple(targets)
    return tuple(_default_rule(names, *message) for message in _MESSAGES)


def _default_rule(
    targets: tuple[str, ...], name: str, moment: Moment, address: str, arguments: tuple[str, ...]
) -> Rule:
    kind = usual_kind(moment)
    template = Template.parse(address)
    values = tuple(Computed(Expression.parse(argument), Tag.INT) for argument in arguments)
    sends = tuple(Send(Message(target, template, values)) for target in targets)
    return Rule(place="default", name=name, on=moment, sends=sends, kind=kind, policy=POLICY_OF[kind])
