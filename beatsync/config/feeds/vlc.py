"""VLC's web interface as a feed: `{vlc: {port: 8080, password_file: /etc/beatsync/vlc-password}}`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from beatsync.config.feeds.addresses import AHost, TcpAddress
from beatsync.config.feeds.common import FollowingModel
from beatsync.config.fields import AnyText
from beatsync.config.plain import GrammarError, text_of
from beatsync.core.observation import Following

USUAL: Final = Following()
"""On average VLC's position is right within some ten milliseconds either way."""

USUAL_PORT: Final = 8080
USUAL_VARIABLE: Final = "VLC_PASSWORD"
VARIABLE_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """The password is all there is in this file."""

    path: Path


@dataclass(frozen=True, slots=True)
class PasswordVariable:
    """The password is in this variable of the environment."""

    name: str = USUAL_VARIABLE


WhereThePasswordIs: TypeAlias = PasswordFile | PasswordVariable


@dataclass(frozen=True, slots=True, kw_only=True)
class VlcPlayer:
    """A VLC with its web interface, and how it is followed."""

    address: TcpAddress
    password: WhereThePasswordIs = PasswordVariable()
    following: Following = USUAL


def variable_of(value: object) -> str:
    """The name of a variable. Raises GrammarError."""
    expected = f"the name of an environment variable, such as {USUAL_VARIABLE}"
    text = text_of(value, f"{expected} as text")
    if not (text.isascii() and text.isidentifier()):
        raise GrammarError(f"expected {expected}; the password itself does not belong here")
    return text


AVariable = Annotated[
    str,
    BeforeValidator(variable_of),
    WithJsonSchema({"type": "string", "pattern": VARIABLE_PATTERN, "examples": [USUAL_VARIABLE]}),
]


class VlcModel(FollowingModel):
    """A VLC that was started with its web interface."""

    host: AHost = Field(default="127.0.0.1", description="where VLC runs")
    port: int = Field(default=USUAL_PORT, ge=1, le=65535, description="what VLC was given as --http-port")
    password_file: AnyText | None = Field(default=None, description="file with what VLC has as --http-password")
    password_variable: AVariable | None = Field(
        default=None,
        description=f"environment variable that has it instead; {USUAL_VARIABLE} where neither is said",
    )

    @model_validator(mode="before")
    @classmethod
    def _kept_elsewhere(cls, value: Any) -> Any:
        if isinstance(value, dict) and "password" in value:
            raise GrammarError(
                "a password does not belong into a configuration; put it into a file and say password_file: PATH",
            )
        if isinstance(value, dict) and {"password_file", "password_variable"} <= set(value):
            raise GrammarError("password_file and password_variable: one of them is enough; remove the other")
        return value

    def choice(self, folder: Path) -> VlcPlayer:
        """What the file says; paths count from its `folder`."""
        kept: WhereThePasswordIs = PasswordVariable(self.password_variable or USUAL_VARIABLE)
        if self.password_file is not None:
            kept = PasswordFile(folder / self.password_file)
        return VlcPlayer(address=TcpAddress(self.host, self.port), password=kept, following=self.following(USUAL))
