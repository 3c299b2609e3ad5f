"""An output whose receiver cannot take many packets back to back: what is beyond its pace waits for its turn.

A receiver's socket buffer overflows at some two thousand datagrams in a row, and nobody is told (receivers.md 0.8).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import trio

from beatsync.clock import Clock
from beatsync.core.targets import Pace, Target
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.outputs.output import Failed, Health, Output, Queued, SendResult, Settled
from beatsync.outputs.waiting import Dropped, Frame, Waiting


class PacedOutput:
    """An output with a pace; `run` is the task that sends what had to wait."""

    def __init__(self, output: Output, pace: Pace, *, clock: Clock, report: Callable[[Settled], None]) -> None:
        """`output`: one that never queues by itself. `report`: of packets that had to wait."""
        self._output = output
        self._pace = pace
        self._clock = clock
        self._report = report
        self._waiting = Waiting(count=output.target.queue_count, age=output.target.queue_age)
        self._begun = HostNs(-pace.every)
        self._left = 0
        self._dropped = 0
        self._wake = trio.Event()

    @property
    def target(self) -> Target:
        """The value it was opened from."""
        return self._output.target

    def health(self) -> Health:
        """The present state."""
        health = self._output.health()
        return replace(health, queued=len(self._waiting), failed=health.failed + self._dropped)

    def send(self, packet: bytes, ticket: int, now: HostNs) -> SendResult:
        """Send the packet, or queue it for its turn."""
        if not self._waiting and self._may(now):
            return self._output.send(packet, ticket, now)
        victim = self._waiting.add(Frame(ticket, packet, now))
        if victim is not None and victim.ticket == ticket:
            self._dropped += 1
            return Failed(victim.reason)
        self._drop([victim] if victim else [])
        self._wake.set()
        return Queued()

    def _may(self, now: HostNs) -> bool:
        """Whether one more may leave now; if so it is counted."""
        if now - self._begun >= self._pace.every:
            self._begun, self._left = now, self._pace.packets
        if not self._left:
            return False
        self._left -= 1
        return True

    async def run(self) -> None:
        """Send what waits, in turn."""
        while True:
            if not self._waiting:
                self._wake = trio.Event()
                await self._wake.wait()
            turn = self._begun + self._pace.every
            await trio.sleep(max(0, turn - self._clock.now()) / NS_PER_SECOND)
            now = self._clock.now()
            self._drop(self._waiting.expire(now))
            while self._waiting and self._may(now):
                frame = self._waiting.finish_first()
                result = self._output.send(frame.data, frame.ticket, now)
                assert not isinstance(result, Queued)
                self._report(Settled(frame.ticket, result, now))

    def _drop(self, dropped: list[Dropped]) -> None:
        self._dropped += len(dropped)
        for packet in dropped:
            self._report(Settled(packet.ticket, Failed(packet.reason), self._clock.now()))
