"""What is known of a receiver, in words. Programs are told the bare state, which stays what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beatsync.outputs.output import State

_WORDS: Final[Mapping[str, str]] = {
    State.UNKNOWN: "sent over UDP, which never answers",
    State.CONNECTED: "connected",
    State.DEGRADED: "sent, and refused",
    State.DOWN: "not reached",
}
"""UDP has no word for well: a stage hand who reads `unknown` looks for a fault, and there is none."""


def receiver_in_words(state: str) -> str:
    """The state of a target, as an output has it."""
    return _WORDS.get(state, state)
