"""Where something listens, and whom it hears, as a configuration writes them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.plain import GrammarError, text_of

Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: Final = "127.0.0.1"
THIS_MACHINE: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1"))
EVERY_ADDRESS: Final = "0.0.0.0"  # noqa: S104  timecode is broadcast: it has to be heard on every interface


def own_address_of(value: object) -> str:
    """An address of this machine, or a multicast group. Raises GrammarError."""
    expected = "an address of this machine as text, such as 127.0.0.1, or 0.0.0.0 for all of them"
    text = text_of(value, expected).strip()
    try:
        ip_address(text)
    except ValueError:
        raise GrammarError(f"expected {expected}, got {text[:40]!r}") from None
    return text


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach what listens there."""
    return ip_address(host).is_loopback


def senders_of(value: object) -> tuple[Network, ...]:
    """Addresses or networks, one or a list. Raises GrammarError."""
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise GrammarError("expected an address or a list of them, got an empty list")
    return tuple(_network(sender) for sender in listed)


def _network(value: object) -> Network:
    expected = 'the address of a sender as text, such as "10.0.0.9", or a network, such as "10.0.0.0/24"'
    text = text_of(value, expected).strip()
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise GrammarError(f"expected {expected}, got {text[:40]!r}") from None


_SENDER: Final = {"type": "string", "examples": ["10.0.0.9", "10.0.0.0/24"]}
OwnAddress = Annotated[str, BeforeValidator(own_address_of), WithJsonSchema({"type": "string"})]
Senders = Annotated[
    tuple[InstanceOf[IPv4Network] | InstanceOf[IPv6Network], ...],
    BeforeValidator(senders_of),
    WithJsonSchema({"anyOf": [_SENDER, {"type": "array", "items": _SENDER, "minItems": 1}]}),
]


class DatagramModel(FollowingModel):
    """Keys of a feed that listens for datagrams."""

    host: OwnAddress = Field(default=EVERY_ADDRESS, description="address to listen on; unsaid: all, broadcasts too")
    senders: Senders | None = Field(default=None, description="addresses or networks that are heard; unsaid: all")
