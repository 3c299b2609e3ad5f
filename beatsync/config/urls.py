"""Addresses of targets as text: `osc.udp://127.0.0.1:7700`, and the source that packets leave from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from beatsync.config.plain import GrammarError, text_of, unlike
from beatsync.core.targets import Carrier

URL_PATTERN: Final = r"^osc\.(udp|tcp)://(\[[0-9A-Fa-f:.%\w]+\]|[A-Za-z0-9._-]+):\d{1,5}$"
_URL: Final = re.compile(r"(?:osc\.)?([a-z0-9+]+)://(.*)\Z")
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,62}(\.|(?=\Z)))([A-Za-z0-9_-]{1,63}\.?)*\Z")
_EXAMPLE: Final = "osc.udp://127.0.0.1:7700 or osc.tcp://10.0.0.9:3032"


@dataclass(frozen=True, slots=True)
class Url:
    """Where a target listens, and over what."""

    carrier: Carrier
    host: str
    port: int


def parse_url(value: object) -> Url:
    """A target's URL. Raises GrammarError."""
    text = text_of(value, f"a target such as {_EXAMPLE}").strip()
    found = _URL.match(text)
    if not found:
        raise GrammarError(f"{text!r} has no scheme; expected {_EXAMPLE}")
    scheme, rest = found.groups()
    if scheme not in set(Carrier) or not text.startswith("osc."):
        raise GrammarError(f"{text!r} has an unknown scheme; expected osc.udp:// or osc.tcp://")
    if "/" in rest:
        raise GrammarError(
            f"{text!r} has a path; the OSC address belongs into a rule's send, remove '/{rest.partition('/')[2]}'"
        )
    host, port = _host_and_port(rest, text)
    return Url(Carrier(scheme), host, port)


def parse_source(value: object) -> tuple[str | None, int | None]:
    """`10.0.0.5`, `10.0.0.5:7001` or `:7001`: the address and port that packets leave from."""
    expected = 'an address of this machine, such as 10.0.0.5, 10.0.0.5:7001 or ":7001"'
    if not isinstance(value, str):
        raise unlike(f"{expected} as text", value)
    text = value.strip()
    if text.startswith(":") and not text.startswith("::"):
        return None, _port(text[1:], text)
    if _is_numeric(text):
        return text, None
    host, port = _host_and_port(text, text)
    if not _is_numeric(host):
        raise GrammarError(f"{text!r}: expected {expected}")
    return host, port


def is_host(text: str) -> bool:
    """Whether `text` is a numeric address, or could be a name."""
    return _is_numeric(text) or _is_host(text)


def _host_and_port(rest: str, text: str) -> tuple[str, int]:
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]:")
        if not bracket or not _is_numeric(host):
            raise GrammarError(f"{text!r}: expected an IPv6 address in brackets and a port, such as [::1]:7700")
        return host, _port(port, text)
    if rest.count(":") > 1:
        if _is_numeric(rest) or _is_numeric(rest.rpartition(":")[0]):
            raise GrammarError(f"{text!r}: put the IPv6 address in brackets, such as [::1]:7700")
        raise GrammarError(f"{text!r} has more than one port; expected HOST:PORT")
    host, colon, port = rest.partition(":")
    if not colon:
        raise GrammarError(f"{text!r} has no port; expected {_EXAMPLE}")
    if not _is_host(host):
        raise GrammarError(f"{text!r}: {host!r} is no host; expected an address or a name")
    return host, _port(port, text)


def _is_host(host: str) -> bool:
    if re.fullmatch(r"[0-9.]+", host):
        return _is_numeric(host)
    return bool(_HOST_NAME.match(host)) and len(host) < 254


def _is_numeric(host: str) -> bool:
    for kind in (IPv4Address, IPv6Address):
        try:
            kind(host)
        except AddressValueError:
            continue
        return True
    return False


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise GrammarError(f"{text!r} has the port {port!r}; expected 1 to 65535")
    return int(port)
