"""What a conductor has been told and has not said to have applied: numbered, and told again to a successor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from beatsync.conductor.wire.messages import Input, ToConductor


@dataclass(frozen=True, slots=True)
class _Pending:
    """An input that is not known to have been applied, with what goes before it."""

    number: int
    messages: tuple[ToConductor, ...]


class Inputs:
    """Those under way, in order. True while there are any."""

    def __init__(self) -> None:
        """Nothing has been told."""
        self._number = 0
        self._pending: list[_Pending] = []

    def __bool__(self) -> bool:
        return bool(self._pending)

    @property
    def last(self) -> int:
        """The number of the newest."""
        return self._number

    def next(self) -> int:
        """A number for one more."""
        self._number += 1
        return self._number

    def add(self, message: Input, parts: Sequence[ToConductor] = ()) -> Sequence[ToConductor]:
        """One more, after the parts of the schedules that it speaks of; returns what is to be said."""
        pending = _Pending(message.number, (*parts, message))
        self._pending.append(pending)
        return pending.messages

    def messages(self) -> Iterator[ToConductor]:
        """All that has to be said, perhaps again."""
        return (message for pending in self._pending for message in pending.messages)

    def applied(self, number: int) -> None:
        """All up to this one have been applied."""
        self._pending = [one for one in self._pending if one.number > number]

    def go_on_from(self, number: int) -> None:
        """A conductor was found that had been told so many."""
        self._number = number

    def forget(self) -> None:
        """A conductor has come that knows of none."""
        self._number = 0
        self._pending.clear()
