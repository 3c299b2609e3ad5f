"""The socket of the OSC control port."""

from __future__ import annotations

from beatsync.clock import Clock
from beatsync.config.configuration import OscControlChoice
from beatsync.errors import ControlError
from beatsync.feeds.datagrams import Datagrams
from beatsync.feeds.feed import FeedTrouble


def open_osc(choice: OscControlChoice, clock: Clock) -> Datagrams:
    """The port, which hears whom the configuration says. Raises ControlError where it cannot be had."""
    try:
        return Datagrams(choice.port, host=choice.host, clock=clock, allowed=choice.senders)
    except FeedTrouble as trouble:
        raise ControlError(f"control.osc: {trouble}") from None
