"""The shape of how the running daemon is reached, beside its Unix socket."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from beatsync.config.fields import AnyText
from beatsync.config.networks import LOOPBACK, OwnAddress, Senders, is_loopback
from beatsync.config.pages import HostNames, PageOrigin
from beatsync.config.plain import GrammarError
from beatsync.config.strict import Strict


def _port_written_out(value: Any) -> Any:
    return {"port": value} if isinstance(value, int) and not isinstance(value, bool) else value


class HttpModel(Strict):
    """The API on a TCP port."""

    written: ClassVar = "a port, or a mapping such as {port: 8080}"

    port: int = Field(ge=1, le=65535, description="TCP port")
    host: OwnAddress = Field(default=LOOPBACK, description="address to listen on; other than loopback needs a token")
    token_file: AnyText | None = Field(default=None, description="a file that holds the token which requests carry")
    origins: list[PageOrigin] = Field(default=[], max_length=16, description="origins of web pages that may use it")
    hosts: HostNames = Field(default=[])

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.token_file is None and not is_loopback(self.host):
            remedy = "add token_file, with a file that holds a token of 16 characters or more"
            raise GrammarError(f"{self.host} can be reached by others: {remedy}")
        return self


class OscControlModel(Strict):
    """Commands as OSC messages, for desks and tablets."""

    written: ClassVar = "a port, or a mapping such as {port: 7001}"

    port: int = Field(ge=1, le=65535, description="UDP port")
    host: OwnAddress = Field(default=LOOPBACK, description="address to listen on")
    senders: Senders | None = Field(
        default=None, description="addresses or networks that are obeyed; unsaid: this machine alone"
    )


class ControlModel(Strict):
    """How the running daemon is reached, beside its Unix socket."""

    written: ClassVar = "a mapping such as {http: 8080}"

    http: Annotated[HttpModel, BeforeValidator(_port_written_out)] | None = Field(
        default=None, description="the API on a TCP port: a port, or a mapping"
    )
    osc: Annotated[OscControlModel, BeforeValidator(_port_written_out)] | None = Field(
        default=None, description="commands as OSC: a port, or a mapping"
    )
