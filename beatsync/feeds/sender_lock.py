"""Of two senders on one feed the first is heard (faults.md, F11): two positions at once are none. Pure."""

from __future__ import annotations

from typing import Final

from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.feeds.datagrams import Address

USUAL_SILENCE: Final = ms(1000)


class SenderLock:
    """Holds on to one sender until it has been silent for `silence`; a backup that takes over is heard from then on."""

    def __init__(self, silence: DurationNs = USUAL_SILENCE) -> None:
        self._silence = silence
        self._sender: Address | None = None
        self._heard = HostNs(0)

    @property
    def sender(self) -> Address | None:
        """Who is heard."""
        return self._sender

    def hears(self, sender: Address, at: HostNs) -> bool:
        """Whether what `sender` said at `at` counts."""
        if sender != self._sender and self._sender is not None and at - self._heard < self._silence:
            return False
        self._sender = sender
        self._heard = at
        return True
