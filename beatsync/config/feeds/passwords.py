"""Where a player's password is kept, as a configuration writes it: in a file or a variable, never in itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.fields import AnyText
from beatsync.config.plain import GrammarError, text_of

VARIABLE_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """The password is all there is in this file."""

    path: Path

    def __str__(self) -> str:
        """For messages."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class PasswordVariable:
    """The password is the value of an environment variable."""

    name: str

    def __str__(self) -> str:
        """For messages."""
        return f"the environment variable {self.name}"


PasswordSource: TypeAlias = PasswordFile | PasswordVariable


def variable_of(value: object) -> str:
    """The name of a variable. Raises GrammarError, which does not repeat what may be the password itself."""
    expected = "the name of an environment variable, such as PLAYER_PASSWORD"
    text = text_of(value, f"{expected} as text")
    if not (text.isascii() and text.isidentifier()):
        raise GrammarError(f"expected {expected}; the password itself does not belong here")
    return text


AVariable = Annotated[
    str,
    BeforeValidator(variable_of),
    WithJsonSchema({"type": "string", "pattern": VARIABLE_PATTERN, "examples": ["PLAYER_PASSWORD"]}),
]


class WithPassword(FollowingModel):
    """A player that may want a password."""

    password_file: AnyText | None = Field(default=None, description="a file that holds the player's password")
    password_variable: AVariable | None = Field(
        default=None, description="an environment variable that holds it instead"
    )

    @model_validator(mode="before")
    @classmethod
    def _kept_elsewhere(cls, value: Any) -> Any:
        if isinstance(value, dict) and "password" in value:
            raise GrammarError(
                "a password has no place in this file; put it into another one and name that: password_file"
            )
        if isinstance(value, dict) and {"password_file", "password_variable"} <= set(value):
            raise GrammarError("password_file and password_variable both name the password; remove one")
        return value

    def password_source(self, folder: Path) -> PasswordSource | None:
        """Where the file says that it is; paths count from its `folder`. None where it says nothing."""
        if self.password_file is not None:
            return PasswordFile(folder / self.password_file)
        return None if self.password_variable is None else PasswordVariable(self.password_variable)
