"""The shape of targets: where cues go, and how."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from beatsync.config.fields import Address, AnArgument, AUrl, Lead, PositiveDuration, Source
from beatsync.config.plain import GrammarError
from beatsync.config.shorthand import Shorthand
from beatsync.config.strict import Strict
from beatsync.core.message_making import is_constant
from beatsync.core.rules import Message
from beatsync.core.targets import DEFAULT_MAX_RATE, DEFAULT_QUEUE_AGE, DEFAULT_QUEUE_COUNT

TARGET_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"


class QueueModel(Strict):
    """What may wait for a slow TCP receiver."""

    written: ClassVar = "a mapping such as {count: 256, age: 200ms}"

    count: int = Field(default=DEFAULT_QUEUE_COUNT, ge=1, le=100_000, description="packets that may wait")
    age: PositiveDuration = Field(default=DEFAULT_QUEUE_AGE, description="how long a packet may wait")


class TimetagsModel(Strict):
    """For a receiver that plays a message at the instant that it is tagged with."""

    written: ClassVar = "a mapping such as {ahead: 200ms}"

    ahead: PositiveDuration = Field(description="how much earlier the cue goes out; the network's worst delay and more")


class PaceModel(Strict):
    """For a receiver that cannot take many packets back to back."""

    written: ClassVar = "a mapping such as {packets: 100, every: 5ms}"

    packets: int = Field(ge=1, le=100_000, description="packets that may leave back to back")
    every: PositiveDuration = Field(description="until as many may follow: 5ms")


class SafeModel(Strict):
    """One message of a target's safe state."""

    written: ClassVar = "a message such as {address: /blackout, args: [1]}"

    address: Address = Field(description="OSC address, without names in braces")
    args: tuple[AnArgument, ...] = Field(default=(), strict=False, description="numbers, text, types; no names")

    @model_validator(mode="after")
    def _says_nothing_of_the_music(self) -> Self:
        if not is_constant(Message("", self.address, self.args)):
            raise GrammarError("a safe state is the same whatever plays: write plain values, and {s: TEXT} for text")
        return self


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class TargetModel(Shorthand):
    """Where cues go."""

    shorthand: ClassVar = "url"
    written: ClassVar = "a URL as text, such as osc.udp://127.0.0.1:7700, or a mapping with url"

    url: AUrl = Field(description="osc.udp://HOST:PORT or osc.tcp://HOST:PORT")
    framing: Literal["length", "slip"] | None = Field(default=None, description="of packets on a TCP stream")
    lead: Lead | None = Field(default=None, description="how much earlier it must be told; negative for later")
    track_lead: Lead | None = Field(default=None, description="how much earlier in the music: in track time")
    timetags: TimetagsModel | None = Field(default=None, description="cues go out ahead, tagged with their instant")
    bundles: bool = Field(default=False, description="cues of one instant go out in one bundle")
    pace: PaceModel | None = Field(default=None, description="how many packets may leave back to back")
    max_rate: int = Field(default=DEFAULT_MAX_RATE, ge=1, le=100_000, description="pulses a second, at most")
    source: Source | None = Field(default=None, description="address, or address:port, that packets leave from")
    broadcast: bool = Field(default=False, description="allow a broadcast address")
    multicast_ttl: int = Field(default=1, ge=0, le=255, description="routers that multicast may cross")
    queue: QueueModel | None = Field(default=None, description="what may wait for a slow TCP receiver")
    chase_on_reconnect: bool | None = Field(
        default=None,
        description="whether a TCP receiver that comes back is put into the present state",
    )
    safe: Annotated[list[SafeModel], BeforeValidator(_listed)] = Field(
        default=[], max_length=64, description="what it is sent by the panic command: a message or a list"
    )
