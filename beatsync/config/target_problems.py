"""What is wrong with targets that no single key can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from beatsync.config.problems import Problem
from beatsync.config.target_models import TargetModel
from beatsync.core.targets import Carrier

_EVERYBODY: Final = "255.255.255.255"
_UNSPECIFIED: Final = {"0.0.0.0", "::"}  # noqa: S104  what is refused


def target_problems(targets: Mapping[str, TargetModel]) -> Iterator[Problem]:
    """Everything that is wrong with each target, and with each beside the others."""
    for name, target in targets.items():
        yield from _of_keys(name, target)
        yield from _of_addresses(name, target)
        yield from _of_loops(name, target, targets)


def _of_keys(name: str, target: TargetModel) -> Iterator[Problem]:
    """Keys that do not belong to the target's carrier."""
    for_tcp = ["framing", "chase_on_reconnect", *([] if target.pace else ["queue"])]
    for_udp = ["pace", "broadcast", "multicast_ttl"]
    udp = target.url.carrier is Carrier.UDP
    for key in for_tcp if udp else for_udp:
        if key in target.model_fields_set and getattr(target, key):
            yield Problem(
                ("targets", name, key), f"is for osc.{'tcp' if udp else 'udp'} targets; remove it", at_key=True
            )
    if udp and "multicast_ttl" in target.model_fields_set and _is_unicast(target.url.host):
        yield Problem(("targets", name, "multicast_ttl"), f"{target.url.host} is no multicast group", at_key=True)


def _of_addresses(name: str, target: TargetModel) -> Iterator[Problem]:
    host, place = target.url.host, ("targets", name, "url")
    if host == _EVERYBODY and not target.broadcast:
        yield Problem(place, f"{_EVERYBODY} is a broadcast address; add broadcast: true if you mean it")
    if host in _UNSPECIFIED:
        yield Problem(place, f"{host} is no receiver's address; for this machine write 127.0.0.1")
    source = target.source[0] if target.source else None
    versions = {_version(host), _version(source)} - {None}
    if len(versions) > 1:
        yield Problem(
            ("targets", name, "source"), f"{source} and {host} are of two kinds; use two IPv4 or two IPv6 addresses"
        )


def _of_loops(name: str, target: TargetModel, targets: Mapping[str, TargetModel]) -> Iterator[Problem]:
    """A port that beatsync sends from is no receiver."""
    for other_name, other in targets.items():
        host, port = other.source or (None, None)
        if port is None or port != target.url.port or other.url.carrier is not target.url.carrier:
            continue
        if target.url.host == host or (host is None and _is_here(target.url.host)):
            whose = "its own source" if other_name == name else f"the source of target '{other_name}'"
            yield Problem(("targets", name, "url"), f"{target.url.host}:{port} is {whose}: beatsync would be told")


def _version(host: str | None) -> int | None:
    try:
        return ip_address((host or "").partition("%")[0]).version
    except ValueError:
        return None


def _is_unicast(host: str) -> bool:
    return _version(host) is not None and not ip_address(host.partition("%")[0]).is_multicast


def _is_here(host: str) -> bool:
    return host == "localhost" or (_version(host) is not None and ip_address(host.partition("%")[0]).is_loopback)
