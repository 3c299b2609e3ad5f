"""What went wrong, as an answer: a status of HTTP and the one shape that all errors have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.control.records import ErrorDetail, ErrorRecord
from beatsync.errors import (
    BeatsyncError,
    CommandRefused,
    ConfigError,
    ControlError,
    SourceError,
    TrackError,
    UsageError,
)
from beatsync.web.refusals import Refusal


class Stale(CommandRefused):
    """Somebody else has changed things since whoever commands looked."""


class NotHere(UsageError):
    """There is nothing of that name."""


class KeyUsedTwice(UsageError):
    """Two different commands with one key."""


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    code: str


_KINDS: Final[tuple[tuple[type[BeatsyncError], _Kind], ...]] = (
    (Stale, _Kind(409, "stale")),
    (NotHere, _Kind(404, "not_found")),
    (KeyUsedTwice, _Kind(422, "key_used_twice")),
    (CommandRefused, _Kind(409, "refused")),
    (UsageError, _Kind(400, "invalid")),
    (TrackError, _Kind(422, "track")),
    (SourceError, _Kind(502, "source")),
    (ConfigError, _Kind(422, "configuration")),
    (ControlError, _Kind(503, "unavailable")),
    (BeatsyncError, _Kind(500, "fault")),
)
"""From the particular to the general."""

_OF_STATUS: Final = {
    400: "invalid",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "not_json",
    503: "busy",
}
ANSWERS: Final = frozenset({(kind.status, kind.code) for _, kind in _KINDS} | set(_OF_STATUS.items()))
"""Every status and code that an error is answered with."""
CODES: Final = tuple(sorted({code for _, code in ANSWERS}))
"""Every code that an error can have."""


def answer_of_error(error: BeatsyncError) -> tuple[int, ErrorRecord]:
    """The status, and what is said."""
    kind = next(kind for of, kind in _KINDS if isinstance(error, of))
    problems = [str(problem) for problem in error.problems] if isinstance(error, ConfigError) else []
    return kind.status, ErrorRecord(
        ErrorDetail(code=kind.code, message=str(error), exit_code=error.exit_code, problems=problems)
    )


def answer_of_refusal(refusal: Refusal) -> tuple[int, ErrorRecord]:
    """The same for a request that was not let in."""
    return refusal.status, plain_error(refusal.status, str(refusal))


def plain_error(status: int, message: str) -> ErrorRecord:
    """What is said with a status of HTTP itself."""
    exit_code = CommandRefused.exit_code if status != 500 else BeatsyncError.exit_code
    return ErrorRecord(ErrorDetail(code=_OF_STATUS.get(status, "fault"), message=message, exit_code=exit_code))
