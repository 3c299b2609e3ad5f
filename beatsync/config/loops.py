"""Targets that are ports on which beatsync itself listens: what it sends there would lead it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from beatsync.config.configuration import Configuration, FeedChoice, FollowFeeds
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.osc_dialect import OscSettings
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.config.problems import Problem
from beatsync.core.targets import Carrier, Target

_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  what is compared with


@dataclass(frozen=True, slots=True)
class _Listener:
    """A UDP port that something of ours is read from."""

    host: str
    port: int
    whose: str


def loop_problems(configuration: Configuration) -> Iterator[Problem]:
    """A problem for each target that is one of our own ears."""
    listeners = list(_listeners(configuration))
    for target in configuration.targets:
        for listener in listeners:
            if target.carrier is Carrier.UDP and target.port == listener.port and _reaches(target, listener.host):
                yield Problem(
                    ("targets", target.name, "url"),
                    f"{target.host}:{target.port} is where {listener.whose} listens: beatsync would be told by itself",
                )


def _listeners(configuration: Configuration) -> Iterator[_Listener]:
    osc = configuration.control.osc
    if osc is not None:
        yield _Listener(osc.host, osc.port, "control.osc")
    for deck in configuration.decks.values():
        for feed in deck.clock.feeds if isinstance(deck.clock, FollowFeeds) else ():
            yield from _ears_of(feed)


def _ears_of(feed: FeedChoice) -> Iterator[_Listener]:
    match feed:
        case OscSettings(name=name):
            yield _Listener(feed.host, feed.port, f"the feed '{name}'")
        case FollowArtnet():
            yield _Listener(feed.host, feed.port, "the Art-Net feed")
        case FollowProDjLink():
            yield _Listener(feed.host, feed.port, "the Pro DJ Link feed")
        case _:
            pass


def _reaches(target: Target, listening: str) -> bool:
    """Whether a packet to the target comes in there, as far as addresses alone can tell."""
    if target.host == listening:
        return True
    if listening in _EVERY_ADDRESS:
        return _is_loopback(target.host)
    return target.host == "localhost" and _is_loopback(listening)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
