"""The types of a configuration's fields: each reads what YAML gives, and tells JSON Schema what may be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from beatsync.config.arguments import argument_of
from beatsync.config.comparisons import COMPARISON_PATTERN, change_of, comparison_of, place_of
from beatsync.config.durations import DURATION_PATTERN, SHIFT_PATTERN, duration_of, positive_duration_of, shift_of
from beatsync.config.moments import MOMENT_PATTERN, moment_of
from beatsync.config.plain import GrammarError, text_of, unlike
from beatsync.config.starts import StartArmed, StartAt, StartNow, start_of
from beatsync.config.urls import URL_PATTERN, Url, parse_source, parse_url
from beatsync.core.comparison import Comparison
from beatsync.core.labels import canonical
from beatsync.core.limits import MAX_ASSET_ID_DIGITS
from beatsync.core.osc import OscError, check_address
from beatsync.core.rules import (
    Computed,
    Every,
    GridShift,
    Literal,
    SpanEdge,
    Text,
    TimeShift,
    TrackEdge,
)
from beatsync.core.templates import Template, TemplateError
from beatsync.core.units import DurationNs

JsonSchema: TypeAlias = Mapping[str, Any]


def _text_schema(pattern: str, *examples: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


def _either(*schemas: JsonSchema) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


def _list_of(schema: JsonSchema) -> dict[str, Any]:
    return {"type": "array", "items": schema, "minItems": 1}


_TEXT: JsonSchema = {"type": "string", "minLength": 1}
_NUMBER: JsonSchema = {"type": "number"}
_DATE_TIME = _text_schema(r"^\d{4}-\d\d-\d\d.*([Zz]|[-+]\d\d:?\d\d)$", "2026-12-31T23:59:30+01:00")
_COMPARISON = _either(_NUMBER, _text_schema(COMPARISON_PATTERN, ">= 3", "2..4", "last"))


def _read(reader: Callable[[Any], Any], schema: JsonSchema) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(reader), WithJsonSchema(dict(schema))


def _labels(value: object) -> tuple[str, ...]:
    """One label or a list of them."""
    labels = value if isinstance(value, list) else [value]
    if not labels:
        raise GrammarError("expected a label or a list of them, got an empty list")
    return tuple(canonical(text_of(label, "a label as text")) for label in labels)


def _names(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    if not names:
        raise GrammarError("expected a target or a list of them, got an empty list")
    return tuple(text_of(name, "the name of a target as text") for name in names)


def _address(value: object) -> Template:
    text = text_of(value, 'an OSC address as text, such as "/section/{label}"')
    try:
        template = Template.parse(text)
        check_address("x".join(template.texts))
    except (TemplateError, OscError) as error:
        raise GrammarError(str(error)) from None
    return template


def _asset_id(value: object) -> str:
    expected = f'an asset id as text, 1 to {MAX_ASSET_ID_DIGITS} digits, such as "1843209165"'
    if not isinstance(value, str):
        raise unlike(expected, value)
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_ASSET_ID_DIGITS):
        raise GrammarError(f"expected {expected}, got {value[:40]!r}")
    return value


def _lead(value: object) -> DurationNs:
    lead = duration_of(value)
    if abs(lead) > duration_of("10s"):
        raise GrammarError(f"expected a lead of at most 10s either way, got {value}")
    return lead


def _late(value: object) -> DurationNs | None:
    """How late is still worth sending: None for always."""
    if value == "send":
        return None
    late = duration_of(value, "a duration with its unit, such as 100ms, or send")
    if late < 0:
        raise GrammarError(f"expected a duration of zero or more, or send, got {value}")
    return late


AnyText = Annotated[str, *_read(text_of, _TEXT)]
AssetId = Annotated[str, *_read(_asset_id, _text_schema(rf"^[0-9]{{1,{MAX_ASSET_ID_DIGITS}}}$", "1843209165"))]
Duration = Annotated[int, *_read(duration_of, _text_schema(DURATION_PATTERN, "30ms", "1.5s"))]
PositiveDuration = Annotated[int, *_read(positive_duration_of, _text_schema(DURATION_PATTERN, "50ms"))]
Lead = Annotated[int, *_read(_lead, _text_schema(DURATION_PATTERN, "40ms", "-10ms"))]
Late = Annotated[
    int | None,
    *_read(_late, _either({"const": "send"}, _text_schema(DURATION_PATTERN, "100ms"))),
]
AShift = Annotated[
    InstanceOf[TimeShift] | InstanceOf[GridShift],
    *_read(shift_of, _text_schema(SHIFT_PATTERN, "-2 bars", "1 beat", "-200ms")),
]
AMoment = Annotated[
    InstanceOf[SpanEdge] | InstanceOf[TrackEdge] | InstanceOf[Every],
    *_read(moment_of, _text_schema(MOMENT_PATTERN, "section", "downbeat", "every 4 bars", "phrase end")),
]
AComparison = Annotated[InstanceOf[Comparison], *_read(comparison_of, _either(_COMPARISON, _list_of(_COMPARISON)))]
APlace = Annotated[InstanceOf[Comparison], *_read(place_of, _either(_COMPARISON, _list_of(_COMPARISON)))]
AChange = Annotated[InstanceOf[Comparison], *_read(change_of, _either(_COMPARISON, _list_of(_COMPARISON)))]
Labels = Annotated[tuple[str, ...], *_read(_labels, _either(_TEXT, _list_of(_TEXT)))]
Targets = Annotated[tuple[str, ...], *_read(_names, _either(_TEXT, _list_of(_TEXT)))]
Address = Annotated[InstanceOf[Template], *_read(_address, _text_schema("^/[^ #,]*$", "/section/{label}"))]
AUrl = Annotated[InstanceOf[Url], *_read(parse_url, _text_schema(URL_PATTERN, "osc.udp://127.0.0.1:7700"))]
Source = Annotated[tuple[str | None, int | None], *_read(parse_source, _TEXT)]
AStart = Annotated[
    InstanceOf[StartNow] | InstanceOf[StartAt] | InstanceOf[StartArmed],
    *_read(
        start_of,
        _either({"enum": ["now", "armed"]}, _text_schema(r"^\d{4}-\d\d-\d\d.*([Zz]|[-+]\d\d:?\d\d)$"), _NUMBER),
    ),
]
AnArgument = Annotated[
    InstanceOf[Literal] | InstanceOf[Computed] | InstanceOf[Text],
    *_read(
        argument_of,
        {
            "anyOf": [
                {"type": ["number", "boolean", "null", "string"]},
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                    "properties": {
                        **{tag: {"type": ["number", "string"]} for tag in "ifhd"},
                        **{tag: {"type": "string"} for tag in "sb"},
                        **{tag: {"enum": [None, True]} for tag in "TFNI"},
                    },
                },
            ],
        },
    ),
]
