"""What could be changed on this machine for cues to leave on time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from beatsync.conductor.report import GRANTED, Precision

_GOVERNORS = "/sys/devices/system/cpu"


MUCH_STOLEN: Final = 0.01


def advice(precision: Precision, *, good: bool, stolen: float = 0.0) -> Iterator[str]:
    """One line for each thing to change. Without any a machine that is not good enough is too slow, or too busy.

    `stolen`: which share of the time a virtual machine's host has kept for others.
    """
    lines = [*_on_priority(precision), *_on_memory(precision), *_on_governor(), *_on_cores(), *_on_theft(stolen)]
    yield from lines
    if not good and not lines:
        yield "everything asked for is granted: use a faster machine, or one with less to do"


def _on_priority(precision: Precision) -> Iterator[str]:
    if precision.realtime != GRANTED:
        yield (
            f"real-time priority: {precision.realtime}; run it as the service of systemd/, or allow it with a line "
            f"'@audio - rtprio 20' in /etc/security/limits.d/beatsync.conf and your user in the group audio"
        )


def _on_memory(precision: Precision) -> Iterator[str]:
    if precision.memory_locked != GRANTED:
        yield (
            f"memory cannot be locked: {precision.memory_locked}; run it as the service of systemd/, or allow it with "
            f"a line '@audio - memlock unlimited' in /etc/security/limits.d/beatsync.conf"
        )


def _on_governor() -> Iterator[str]:
    files = Path(_GOVERNORS).glob("cpu[0-9]*/cpufreq/scaling_governor")
    governors = {path.read_text().strip() for path in files if os.access(path, os.R_OK)}
    if slow := governors - {"performance"}:
        yield (
            f"the processor's governor is {', '.join(sorted(slow))}: it slows down between cues and wakes slowly; "
            f"set it with: sudo cpupower frequency-set -g performance"
        )


def _on_theft(stolen: float) -> Iterator[str]:
    if stolen >= MUCH_STOLEN:
        yield (
            f"the host of this virtual machine kept {stolen:.0%} of its time for others meanwhile: give it cores of "
            f"its own, or use a real machine"
        )


def _on_cores() -> Iterator[str]:
    if (os.cpu_count() or 1) < 2:
        yield "one core only: everything else on this machine gets in the way of the cues"
