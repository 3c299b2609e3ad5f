"""The shape of how the running daemon is reached, beside its Unix socket."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from beatsync.config.fields import AnyText
from beatsync.config.networks import LOOPBACK, OwnAddress, Senders
from beatsync.config.strict import Strict


def _port_written_out(value: Any) -> Any:
    return {"port": value} if isinstance(value, int) and not isinstance(value, bool) else value


class HttpModel(Strict):
    """The API on a TCP port."""

    port: int = Field(ge=1, le=65535, description="TCP port")
    host: OwnAddress = Field(default=LOOPBACK, description="address to listen on; other than loopback needs a token")
    token_file: AnyText | None = Field(default=None, description="a file that holds the token which requests carry")
    origins: list[AnyText] = Field(default=[], max_length=16, description="origins of web pages that may use it")


class OscControlModel(Strict):
    """Commands as OSC messages, for desks and tablets."""

    port: int = Field(ge=1, le=65535, description="UDP port")
    host: OwnAddress = Field(default=LOOPBACK, description="address to listen on")
    senders: Senders | None = Field(
        default=None, description="addresses or networks that are obeyed; unsaid: this machine alone"
    )


class ControlModel(Strict):
    """How the running daemon is reached, beside its Unix socket."""

    http: Annotated[HttpModel, BeforeValidator(_port_written_out)] | None = Field(
        default=None, description="the API on a TCP port: a port, or a mapping"
    )
    osc: Annotated[OscControlModel, BeforeValidator(_port_written_out)] | None = Field(
        default=None, description="commands as OSC: a port, or a mapping"
    )
