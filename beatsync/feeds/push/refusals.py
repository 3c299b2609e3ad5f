"""Why a push was not taken that was let in: fixed reasons, for counters and logs."""

from __future__ import annotations

from enum import StrEnum


class Unpushed(StrEnum):
    """What is counted; nothing that came from outside is part of it."""

    MALFORMED = "a push that cannot be read"
    TOO_MANY = "more pushes than 200 a second"
    SECOND_SENDER = "another sender while the first one holds the feed; say sender to tell two apart"
    OLDER = "a position that is not newer than the last one"
    STALE = "a position that was sent more than ten seconds ago"
