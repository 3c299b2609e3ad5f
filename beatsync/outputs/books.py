"""What an output counts: packets, failures by reason, what it knows of its receiver."""

from __future__ import annotations

import errno
import os
import socket
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from beatsync.outputs.output import SENT, Failed, Health, Sent, State

_REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        errno.ECONNREFUSED: "refused: nothing listens there",
        errno.ENETUNREACH: "no way to that network: is the cable in, the interface up?",
        errno.EHOSTUNREACH: "no way to that host: is it on?",
        errno.ENETDOWN: "the network interface is down",
        errno.EADDRNOTAVAIL: "the source address is not on this machine",
        errno.EPERM: "forbidden by this machine's firewall",
        errno.EACCES: "not permitted: a broadcast address needs broadcast: true",
        errno.EMSGSIZE: "the packet is too large for this network",
        errno.ENOBUFS: "this machine's network queue is full",
        errno.EAGAIN: "this machine's network queue is full",
        errno.EADDRINUSE: "the source port is in use by another program",
        errno.ETIMEDOUT: "no answer",
    },
)
_NAME_REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        socket.EAI_NONAME: "no such name: check its spelling, or use the numeric address",
        socket.EAI_AGAIN: "no name service answers: is this machine online? the numeric address needs none",
        socket.EAI_FAIL: "the name service failed: the numeric address needs none",
        socket.EAI_FAMILY: "an address of another kind than its source: both IPv4, or both IPv6",
    },
)
_UNIMPORTANT: Final = {errno.ENOBUFS, errno.EAGAIN, errno.EMSGSIZE, errno.EPERM, errno.EACCES}


def reason_of(error: OSError) -> str:
    """An error of the operating system as a stage hand reads it."""
    number = error.errno or 0
    if isinstance(error, socket.gaierror):
        return _NAME_REASONS.get(number, "its name cannot be looked up")
    return _REASONS.get(number) or os.strerror(number) if number else str(error) or type(error).__name__


def is_of_the_network(error: OSError) -> bool:
    """Whether the error says that the way is gone, rather than that one packet did not fit."""
    return error.errno not in _UNIMPORTANT


class Books:
    """Counts for one output."""

    def __init__(self, peer: str) -> None:
        """`peer`: the receiver as people write it."""
        self.state = State.DOWN
        self.peer = peer
        self.source = ""
        self.breaks = 0
        self._sent = 0
        self._failed = 0
        self._errors: Counter[str] = Counter()
        self.troubled = False
        """Whether a trouble was met and has not been healed."""
        self._detail = ""

    def went(self) -> Sent:
        """A packet left."""
        self._sent += 1
        return SENT

    def missed(self, reason: str) -> Failed:
        """A packet did not leave."""
        self._failed += 1
        self.met(reason)
        return Failed(reason)

    def met(self, reason: str) -> None:
        """A trouble, with or without a packet lost to it."""
        self._errors[reason] += 1
        self._detail = reason
        self.troubled = True

    def healed(self, state: State) -> None:
        """All is as well as it can be known to be."""
        self.state = state
        self._detail = ""
        self.troubled = False

    def health(self, queued: int = 0) -> Health:
        """A snapshot."""
        return Health(
            state=self.state,
            sent=self._sent,
            failed=self._failed,
            queued=queued,
            errors=tuple(self._errors.items()),
            detail=self._detail,
            peer=self.peer,
            source=self.source,
            breaks=self.breaks,
        )
