"""What can be asked for in a url, read strictly: a misspelt key would be an answer to another question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from beatsync.config.durations import DURATION_PATTERN, duration_of
from beatsync.config.plain import GrammarError
from beatsync.control.ring import KIND_NAMES, LOST, Kind
from beatsync.control.wording import complaint
from beatsync.core.units import ms
from beatsync.errors import UsageError

USUAL_AHEAD: Final = ms(10_000)
LONGEST_AHEAD: Final = ms(60_000)
LONGEST_WAIT: Final = ms(25_000)

Asked = TypeVar("Asked", bound="Query")


def _up_to(longest: int) -> BeforeValidator:
    def read(value: object) -> int:
        duration = duration_of(value)
        if not 0 <= duration <= longest:
            raise GrammarError(f"expected at most {longest // 10**9}s and not less than 0s, got {value}")
        return duration

    return BeforeValidator(read)


def _kinds(value: object) -> frozenset[Kind]:
    words = {word.strip() for word in str(value).split(",")}
    if not words <= set(KIND_NAMES):
        raise GrammarError(f"expected some of {','.join(KIND_NAMES)}, separated by commas, got {str(value)[:60]!r}")
    return frozenset(Kind(word) for word in words - {LOST})


_DURATION: Final = WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["10s", "500ms"]})


class Query(BaseModel):
    """No unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """Nothing can be asked."""


class ClockQuery(Query):
    """Nothing of interest to the daemon."""

    n: str | None = Field(
        default=None, max_length=20, description="anything: browsers have requests for one url wait for each other"
    )


class CuesQuery(Query):
    """Which cues."""

    ahead: Annotated[int, _up_to(LONGEST_AHEAD), _DURATION] = Field(
        default=USUAL_AHEAD, description="how far to look, at most 60s"
    )
    after: str | None = Field(default=None, max_length=1500, description="the cursor of the last answer")
    wait: Annotated[int, _up_to(LONGEST_WAIT), _DURATION] = Field(
        default=0, description="how long to wait for something new, at most 25s"
    )
    target: str | None = Field(default=None, max_length=100, description="only the cues of this target")


class EventsQuery(Query):
    """Which events."""

    kinds: Annotated[
        frozenset[Kind],
        BeforeValidator(_kinds),
        WithJsonSchema({"type": "string", "examples": ["cue,section"]}),
    ] = Field(default=frozenset(Kind), description=f"some of {', '.join(KIND_NAMES)}; unsaid: all; lost is always told")


def read_query(model: type[Asked], items: Iterable[tuple[str, str]]) -> Asked:
    """What a url asks for. Raises UsageError."""
    values: dict[str, str] = {}
    for name, value in items:
        if name in values:
            raise UsageError(f"'{name[:40]}' is there twice in the url")
        values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UsageError(complaint(error, model, {})) from None
