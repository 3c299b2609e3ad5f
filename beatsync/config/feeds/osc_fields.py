"""The fields of an OSC feed, read from what YAML gives."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema

from beatsync.config.feeds.osc_dialect import Peer
from beatsync.config.plain import GrammarError, text_of, unlike
from beatsync.config.urls import Url, parse_url
from beatsync.core.osc import OscError, check_address
from beatsync.core.timecode import FrameRate
from beatsync.core.timecode_text import FRAME_RATES

DECK: Final = "{deck}"

_TEXT: Final = {"type": "string", "minLength": 1}
_TEXT_OR_NUMBER: Final = {"type": ["string", "number"]}


def _port(value: object) -> int:
    """A port that something can be sent to."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise unlike("a port, 1 to 65535", value)
    if not 1 <= value <= 65_535:
        raise GrammarError(f"expected a port, 1 to 65535, got {value}")
    return value


def _numeric(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _peer(value: object) -> Peer:
    """`10.0.0.7:53000`, or the host alone: then the port is the player's usual one, 0 here."""
    text = text_of(value, "the player's address as text, such as 10.0.0.7:53000").strip()
    if isinstance(_numeric(text.strip("[]").partition("]")[0]), IPv6Address):
        raise GrammarError(f"{text!r}: give the player's IPv4 address; it is asked over IPv4")
    url: Url = parse_url(f"osc.udp://{text}" if ":" in text else f"osc.udp://{text}:1")
    return Peer(url.host, url.port if ":" in text else 0)


def _incoming_address(value: object) -> str:
    """An OSC address, with `{deck}` for the deck and `*` for anything within one part of it."""
    text = text_of(value, 'an OSC address as text, such as /position or "/deck/{deck}/time"')
    try:
        check_address(text.replace(DECK, "1"))
    except OscError as error:
        raise GrammarError(str(error)) from None
    if any(part.count("*") > 1 for part in text.split("/")):
        raise GrammarError(f"{text!r}: at most one * between two slashes")
    if found := next((character for character in "{}[]?" if character in text.replace(DECK, "")), None):
        raise GrammarError(f"{text!r} has a {found}; only {DECK} and * stand for something else")
    return text


def _deck(value: object) -> str:
    """A number or a name: 2, master."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = text_of(value, "a deck, such as 2 or master").strip()
    if not text.isascii() or not text.replace("_", "").isalnum():
        raise GrammarError(f"expected a deck, such as 2 or master, got {text!r}")
    return text


def _cue(value: object) -> str:
    """The number of a cue, which may be any text that an OSC address can hold; YAML takes 1.10 for 1.1."""
    number = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    text = text_of(number, 'a cue\'s number, as text unless it is a whole one, such as 12 or "12.5"').strip()
    if not text.isascii() or not text.isprintable() or any(character in text for character in " #*,/?[]{}"):
        raise GrammarError(
            f"{text!r} cannot stand in an OSC address; give the cue a number of letters, digits and dots"
        )
    return text


def _frame_rate(value: object) -> FrameRate:
    name = f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value
    rate = FRAME_RATES.get(name) if isinstance(name, str) else None
    if rate is None:
        raise unlike(f"a frame rate: one of {', '.join(FRAME_RATES)}", value)
    return rate


Port: TypeAlias = Annotated[
    int,
    BeforeValidator(_port),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65_535}),
]
APeer: TypeAlias = Annotated[InstanceOf[Peer], BeforeValidator(_peer), WithJsonSchema(_TEXT)]
IncomingAddress: TypeAlias = Annotated[
    str,
    BeforeValidator(_incoming_address),
    WithJsonSchema({"type": "string", "pattern": "^/[^ #,]*$", "examples": ["/position", "/deck/{deck}/time"]}),
]
Deck: TypeAlias = Annotated[str, BeforeValidator(_deck), WithJsonSchema(_TEXT_OR_NUMBER)]
Cue: TypeAlias = Annotated[str, BeforeValidator(_cue), WithJsonSchema(_TEXT_OR_NUMBER)]
AFrameRate: TypeAlias = Annotated[
    InstanceOf[FrameRate],
    BeforeValidator(_frame_rate),
    WithJsonSchema({"enum": [*FRAME_RATES, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60]}),
]
Beat: TypeAlias = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
