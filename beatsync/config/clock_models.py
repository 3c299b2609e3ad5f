"""The shape of what leads playback: a start instant, or feeds in order of preference."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from beatsync.config.feeds.artnet import ArtnetModel
from beatsync.config.feeds.ltc import LtcModel
from beatsync.config.feeds.midi_clock import MidiClockModel
from beatsync.config.feeds.mpd import MpdModel
from beatsync.config.feeds.mpris import MprisModel
from beatsync.config.feeds.mpv import MpvModel
from beatsync.config.feeds.mtc import MtcModel
from beatsync.config.feeds.osc import OscModel
from beatsync.config.feeds.prodj import ProDjModel
from beatsync.config.feeds.push import PushModel
from beatsync.config.feeds.vlc import VlcModel
from beatsync.config.fields import AStart, PositiveDuration
from beatsync.config.plain import GrammarError, not_one_of
from beatsync.config.starts import StartNow
from beatsync.config.strict import Strict
from beatsync.core.limits import MAX_FEEDS


class FeedModel(Strict):
    """One source of positions: a mapping with one key, which says what it is."""

    written: ClassVar = "a feed such as {mpv: {socket: /run/mpv.sock}}"

    mpv: MpvModel | None = Field(default=None, description="mpv, over its JSON socket")
    mpd: MpdModel | None = Field(default=None, description="the Music Player Daemon")
    mpris: MprisModel | None = Field(default=None, description="a desktop player, over D-Bus")
    vlc: VlcModel | None = Field(default=None, description="VLC, over its web interface")
    osc: OscModel | None = Field(default=None, description="positions sent as OSC")
    push: PushModel | None = Field(default=None, description="positions pushed over HTTP or a web socket")
    artnet: ArtnetModel | None = Field(default=None, description="timecode over Art-Net")
    mtc: MtcModel | None = Field(default=None, description="MIDI time code")
    midi_clock: MidiClockModel | None = Field(default=None, description="MIDI clock with song position")
    ltc: LtcModel | None = Field(default=None, description="linear timecode, as sound")
    prodj: ProDjModel | None = Field(default=None, description="a CDJ on a Pro DJ Link network; experimental")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        said = sorted(self.model_fields_set)
        if len(said) != 1:
            raise GrammarError(not_one_of(list(type(self).model_fields), said))
        return self


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class ClockModel(Strict):
    """What leads playback."""

    written: ClassVar = "a mapping such as {start: now}"

    start: AStart | None = Field(default=None, description="now, armed, a date-time with its zone, or unix seconds")
    feed: Annotated[list[FeedModel], BeforeValidator(_listed)] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_FEEDS,
        description="where positions come from; a list is an order of preference",
    )
    hand_back: PositiveDuration | None = Field(
        default=None,
        description="how long a preferred feed must be good before it leads again",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.start is not None and self.feed is not None:
            raise GrammarError("expected start or feed, got both; remove one")
        if self.hand_back is not None and len(self.feed or []) < 2:
            raise GrammarError("hand_back is for a list of feeds; remove it")
        return self

    @property
    def start_or_now(self) -> Any:
        """When playback starts, where no feed leads it."""
        return StartNow() if self.start is None else self.start
