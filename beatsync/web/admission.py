"""Who is let in: decided on the headers alone, before anything else of a request is read. Pure.

A web page in a browser on the show's own machine can send requests to every port of it, in its user's name: its origin
must be listed. A page can make a name of its own point at this machine, and is then of that name's origin: the host
that was asked for must be this machine. Other machines must know the token (faults.md, K6, K8).
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Final

from beatsync.web.refusals import Refusal, Unadmitted

PROTOCOL: Final = "beatsync"
"""A web socket's subprotocol: browsers can set no other header, so that the token travels beside it, as another."""

_BESIDE_IT: Final = "token."


def check_host(headers: Mapping[str, str], names: Collection[str]) -> None:
    """Raises Refusal unless the host that was asked for is this machine: an address, or one of `names`."""
    name = _name_in(headers.get("host", ""))
    if not _is_this_machine(name, names):
        remedy = f"the host name {name[:60]!r} is not known here; use an address, or list the name in hosts"
        raise Refusal(Unadmitted.STRANGE_HOST, 403, remedy)


def check_origin(headers: Mapping[str, str], origins: Collection[str], *, own: str | None = None) -> None:
    """Raises Refusal for what a web page sent whose origin is not listed. `own`: of pages that are served here."""
    origin = headers.get("origin")
    if origin is not None and origin != own and origin not in origins:
        raise strange_origin()


def strange_origin() -> Refusal:
    """What an unlisted page is told."""
    return Refusal(Unadmitted.STRANGE_ORIGIN, 403, "this page is not let in; list its origin in origins")


def check_token(headers: Mapping[str, str], token: str | None) -> None:
    """Raises Refusal unless the token is carried, where there is one; takes as long for any wrong one."""
    if token is not None and not hmac.compare_digest(_token_in(headers).encode("utf-8", "replace"), token.encode()):
        raise Refusal(Unadmitted.UNAUTHORISED, 401, "send the token as a header: Authorization: Bearer TOKEN")


def _name_in(host: str) -> str:
    """A Host header without its port."""
    return host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]


def _is_this_machine(name: str, names: Collection[str]) -> bool:
    """Whether a host name is this machine's: an address, which no page can make its own, or a known name."""
    try:
        ip_address(name)
    except ValueError:
        return name.lower() == "localhost" or name.lower() in names
    return True


def _token_in(headers: Mapping[str, str]) -> str:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    protocols = (part.strip() for part in headers.get("sec-websocket-protocol", "").split(","))
    return next((part.removeprefix(_BESIDE_IT) for part in protocols if part.startswith(_BESIDE_IT)), "")
