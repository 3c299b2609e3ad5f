"""Replies whose one argument is a JSON text with `status` and `data`, as QLab sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beatsync.core.fields import Flaw
from beatsync.core.json_text import parse_json
from beatsync.core.osc_reading import OscMessage
from beatsync.feeds.osc.unread import Unread

_DENIED: Final = "denied"


def reply_data(message: OscMessage) -> Mapping[int | str, object] | Unread:
    """The values of a reply by their keys; a single one under 0. Why there are none, where there are none."""
    text = message.arguments[0] if message.arguments else None
    if not isinstance(text, str):
        return Unread.NOT_JSON
    try:
        reply = parse_json(text.encode())
    except Flaw:
        return Unread.NOT_JSON
    if not isinstance(reply, dict):
        return Unread.NOT_JSON
    if reply.get("status") != "ok":
        return Unread.DENIED if reply.get("status") == _DENIED else Unread.REFUSED
    data = reply.get("data")
    return {**data} if isinstance(data, dict) else {0: data}
