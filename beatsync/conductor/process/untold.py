"""What a conductor has done while no daemon was there: kept for the next one, so that its log has it. Bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from beatsync.conductor.wire.messages import Stepped

MOST_REPORTS: Final = 2000
"""More than a busy show makes in the second that a daemon needs to come back."""


class Untold:
    """Steps that nobody has been told of. Of too many the oldest are forgotten: the books have them all the same."""

    def __init__(self) -> None:
        self._steps: deque[Stepped] = deque()
        self._reports = 0

    def keep(self, stepped: Stepped) -> None:
        """Nobody is there to be told this."""
        self._steps.append(stepped)
        self._reports += _count(stepped)
        while self._reports > MOST_REPORTS and len(self._steps) > 1:
            self._reports -= _count(self._steps.popleft())

    def take(self) -> Sequence[Stepped]:
        """All of it, for somebody who has come."""
        steps, self._reports = tuple(self._steps), 0
        self._steps.clear()
        return steps


def _count(stepped: Stepped) -> int:
    """Its reports; a step without any counts as well, since it takes room too."""
    return 1 + sum(len(record.reports) for record in stepped.reports)
