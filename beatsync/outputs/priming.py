"""A packet to nobody, sent just before one that counts: what lies between "due" and "sent" is in the processor's caches
then, ours and the kernel's. It halves the lateness of a process that has slept (docs/timing.md).
"""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Final, Self

from beatsync.core.targets import Carrier, Target
from beatsync.outputs.output import Output
from beatsync.outputs.udp import UdpOutput

PACKET: Final = b"/prime\0\0,\0\0\0"


class Primer:
    """A port of this machine that is never read, and an output to it. Use as an async context. Raises OSError."""

    def __init__(self) -> None:
        self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._sink.bind(("127.0.0.1", 0))
        port = int(self._sink.getsockname()[1])
        self._output = UdpOutput(Target(name="nobody", carrier=Carrier.UDP, host="127.0.0.1", port=port))

    @property
    def output(self) -> Output:
        """Where to send: what its full port does not hold any more is dropped by the kernel, as it should be."""
        return self._output

    async def __aenter__(self) -> Self:
        """Open it."""
        await self._output.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close both ends."""
        self._output.close()
        self._sink.close()
