"""Opens targets and keeps them open. One that cannot be opened does not keep a show from starting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.core.targets import Carrier, Target
from beatsync.outputs.output import Output, Settled, State
from beatsync.outputs.pacing import PacedOutput
from beatsync.outputs.tcp import TcpOutput
from beatsync.outputs.udp import UdpOutput

OPEN_SECONDS: Final = 5.0
"""How long the start of a show waits for names to be looked up and for connections."""

REOPEN_SECONDS: Final = 1.0
LINGER_SECONDS: Final = 0.5
"""How long a target that is not wanted any more may take over what still waits for it."""


@dataclass(frozen=True, slots=True)
class _Opened:
    target: Target
    output: Output
    scope: trio.CancelScope
    ready: trio.Event


class Outputs:
    """The outputs of a conductor, kept open by tasks in a nursery. `by_target` is what may be sent through now."""

    def __init__(
        self,
        *,
        clock: Clock,
        report: Callable[[Settled], None],
        on_connected: Callable[[str], None],
        nursery: trio.Nursery,
    ) -> None:
        """`report` is told what became of queued packets, `on_connected` which target of those in use is to be chased,
        since it has just connected; each from a task of this loop: they must be quick and must not raise.
        """
        self.by_target: dict[str, Output] = {}
        self._clock = clock
        self._report = report
        self._on_connected = on_connected
        self._nursery = nursery
        self._opened: list[_Opened] = []

    @property
    def opening(self) -> frozenset[str]:
        """The targets that take their time."""
        return frozenset(opened.target.name for opened in self._opened if not opened.ready.is_set())

    def begin(self, targets: Iterable[Target]) -> None:
        """Open those of the targets that are not open yet, side by side, in the background."""
        for target in targets:
            self._opened_for(target)

    async def open(self, targets: Iterable[Target], *, patience: float = OPEN_SECONDS) -> None:
        """The same, and wait for so many seconds until they are; they are used once `keep` says so."""
        opened = [self._opened_for(target) for target in targets]
        with trio.move_on_after(patience):
            for one in opened:
                await one.ready.wait()

    def moved(self, targets: Iterable[Target]) -> tuple[str, ...]:
        """Those of the targets that are in use, and are somewhere else now."""
        return tuple(
            target.name
            for target in targets
            if (used := self.by_target.get(target.name)) is not None and used.target.way != target.way
        )

    def admit(self, targets: Iterable[Target]) -> None:
        """Use these too, in place of those of the same names; what is in use besides stays so until `keep`."""
        for target in targets:
            opened = self._opened_for(target)
            if self.by_target.get(target.name) is not opened.output:
                self.by_target[target.name] = opened.output
                if opened.output.health().state is State.CONNECTED:
                    self._greet(opened.output)

    def keep(self, targets: Iterable[Target]) -> None:
        """Use these and no others; the others take what still waits for them, and close."""
        chosen = tuple(targets)
        self.admit(chosen)
        kept = [self._opened_for(target) for target in chosen]
        for name in self.by_target.keys() - {target.name for target in chosen}:
            del self.by_target[name]
        for opened in self._opened:
            if opened not in kept:
                self._nursery.start_soon(self._close, opened)
        self._opened = kept

    def _opened_for(self, target: Target) -> _Opened:
        found = (one for one in self._opened if one.target.name == target.name and one.target.way == target.way)
        return next(found, None) or self._start(target)

    def _greet(self, output: Output) -> None:
        """A receiver is there that was not: it is chased, if cues are sent to it."""
        if output.target.chase_on_reconnect and self.by_target.get(output.target.name) is output:
            self._on_connected(output.target.name)

    def _start(self, target: Target) -> _Opened:
        ready, scope = trio.Event(), trio.CancelScope()
        output: Output
        if target.carrier is Carrier.TCP:
            output = tcp = TcpOutput(
                target, clock=self._clock, report=self._report, on_connected=lambda _: self._greet(tcp)
            )
            self._nursery.start_soon(_keep_tcp, tcp, ready, scope)
        elif target.pace is None:
            output = udp = UdpOutput(target)
            self._nursery.start_soon(_keep_udp, udp, ready, scope)
        else:
            udp = UdpOutput(target)
            output = paced = PacedOutput(udp, target.pace, clock=self._clock, report=self._report)
            self._nursery.start_soon(_keep_paced, paced, udp, ready, scope)
        opened = _Opened(target, output, scope, ready)
        self._opened.append(opened)
        return opened

    async def _close(self, opened: _Opened) -> None:
        with trio.move_on_after(LINGER_SECONDS):
            while opened.output.health().queued:  # noqa: ASYNC110  nothing announces it
                await trio.sleep(0.01)
        opened.scope.cancel()


async def open_outputs(
    targets: Iterable[Target],
    *,
    clock: Clock,
    report: Callable[[Settled], None],
    on_connected: Callable[[str], None],
    nursery: trio.Nursery,
    patience: float = OPEN_SECONDS,
) -> Mapping[str, Output]:
    """An output for each target, all opened side by side, kept open by tasks in `nursery`; see `Outputs`."""
    outputs = Outputs(clock=clock, report=report, on_connected=on_connected, nursery=nursery)
    chosen = tuple(targets)
    await outputs.open(chosen, patience=patience)
    outputs.keep(chosen)
    return outputs.by_target


async def _keep_udp(output: UdpOutput, ready: trio.Event, scope: trio.CancelScope) -> None:
    """Open it, and open it again while it is down."""
    with scope:
        try:
            while True:
                if output.ailing:
                    await output.open()
                ready.set()
                await trio.sleep(REOPEN_SECONDS)
        finally:
            output.close()


async def _keep_tcp(output: TcpOutput, ready: trio.Event, scope: trio.CancelScope) -> None:
    with scope:
        async with trio.open_nursery() as nursery:
            await nursery.start(output.run)
            ready.set()


async def _keep_paced(paced: PacedOutput, output: UdpOutput, ready: trio.Event, scope: trio.CancelScope) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(paced.run)
        await _keep_udp(output, ready, scope)
        nursery.cancel_scope.cancel()
