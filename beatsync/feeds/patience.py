"""How long a player may take to answer before it counts as hung."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import trio

from beatsync.feeds.feed import FeedTrouble

ANSWER_SECONDS: Final = 3.0


@contextmanager
def patience(who: str) -> Iterator[None]:
    """For what a question takes, from the first byte to the last. Raises FeedTrouble."""
    try:
        with trio.fail_after(ANSWER_SECONDS):
            yield
    except trio.TooSlowError:
        raise FeedTrouble(f"{who} does not answer within {ANSWER_SECONDS:g} s; does it hang?") from None
