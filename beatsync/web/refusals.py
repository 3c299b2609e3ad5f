"""Why a request was not let in: fixed reasons, for counters and logs, and what its sender is told to do about it."""

from __future__ import annotations

from enum import StrEnum


class Unadmitted(StrEnum):
    """What is counted; nothing that came from outside is part of it."""

    STRANGE_HOST = "a request to a host name that is not this machine's"
    STRANGE_ORIGIN = "a request from a web page whose origin is not in origins"
    UNAUTHORISED = "a request without the token"
    IN_URL = "a request with something in its url that does not belong there"
    NOT_JSON_TYPE = "a request whose content type is not application/json"
    TOO_LARGE = "a request of more bytes than are read"
    TOO_SLOW = "a request that took more than two seconds to arrive"
    TOO_MANY_CLIENTS = "more clients at once than are served"
    BROKEN = "a connection that the http server could make nothing of"


class Refusal(Exception):
    """A request that is not taken. `status`: of HTTP; the text is for whoever sent it, with the remedy."""

    def __init__(self, reason: StrEnum, status: int, remedy: str) -> None:
        super().__init__(remedy)
        self.reason = reason
        self.status = status

    @property
    def leaves_unread(self) -> bool:
        """Whether what is left of the request is not read, so that its connection cannot be used again."""
        return self.reason in {Unadmitted.TOO_LARGE, Unadmitted.TOO_SLOW}
