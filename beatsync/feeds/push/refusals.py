"""Why a push was not taken: fixed reasons, for counters and logs, and what the pusher is told to do about it."""

from __future__ import annotations

from enum import StrEnum


class Unpushed(StrEnum):
    """What is counted; nothing that came from outside is part of it."""

    STRANGE_HOST = "a push to a host name that is not this machine's; add it to hosts"
    STRANGE_ORIGIN = "a push from a web page whose origin is not in origins"
    UNAUTHORISED = "a push without the token"
    QUERY = "a push with something in its url"
    NOT_JSON_TYPE = "a push whose content type is not application/json"
    TOO_LARGE = "a push of more than 16 kB"
    TOO_SLOW = "a push that took more than two seconds to arrive"
    MALFORMED = "a push that cannot be read"
    TOO_MANY = "more pushes than 200 a second"
    TOO_MANY_CLIENTS = "more than 16 clients at once"
    BROKEN = "a connection that the http server could make nothing of"
    SECOND_SENDER = "another sender while the first one holds the feed; say sender to tell two apart"
    OLDER = "a position that is not newer than the last one"
    STALE = "a position that was sent more than ten seconds ago"


class Refusal(Exception):
    """A push that is not taken. `status`: of HTTP; the text is for the pusher, with the remedy."""

    def __init__(self, reason: Unpushed, status: int, remedy: str) -> None:
        super().__init__(remedy)
        self.reason = reason
        self.status = status
