"""Rules whose messages go elsewhere on the receiver: the same cues with something before their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from beatsync.core.rules import Message, Rule, Send
from beatsync.core.templates import Template


def with_prefix(rules: Iterable[Rule], prefix: str) -> tuple[Rule, ...]:
    """The rules with `prefix` (`/preview/a`) before every address; their looks are others than the original ones."""
    return tuple(replace(rule, sends=tuple(_send(send, prefix) for send in rule.sends)) for rule in rules)


def _send(send: Send, prefix: str) -> Send:
    ending = send.ending and replace(send.ending, message=_message(send.ending.message, prefix))
    look = None if send.look is None else f"{prefix}{send.look}"
    return replace(send, message=_message(send.message, prefix), ending=ending, look=look)


def _message(message: Message, prefix: str) -> Message:
    return replace(message, address=Template.parse(prefix + message.address.source))
