"""An OSC feed as a configuration writes it: a preset, or the addresses of the player at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.feeds.osc_dialect import Dialect, Meaning, OscSettings, Peer, Role
from beatsync.config.feeds.osc_fields import (
    DECK,
    AFrameRate,
    APeer,
    Beat,
    Cue,
    Deck,
    IncomingAddress,
    Port,
)
from beatsync.config.feeds.osc_presets import PRESETS, Preset
from beatsync.config.fields import AnyText, PositiveDuration
from beatsync.config.networks import EVERY_ADDRESS, OwnAddress, Senders
from beatsync.config.plain import GrammarError, unlike
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.position_units import PositionUnit
from beatsync.core.timecode import frame_start
from beatsync.core.units import NO_TIME, DurationNs, ms

USUAL_INTERVAL: Final = ms(100)
_THIS_MACHINE: Final = "127.0.0.1"
_WIRED: Final = ms(34)
_SLOW: Final = ms(150)

_OF_THE_PLAYER: Final = (
    *("address", "unit", "argument", "fps", "play", "pause", "rate", "track", "jump", "silence", "varispeed"),
)


class OscModel(FollowingModel):
    """Positions that arrive as OSC messages over UDP."""

    preset: AnyText | None = Field(default=None, description=f"the player: one of {', '.join(PRESETS)}")
    port: Port | None = Field(default=None, description="UDP port on which positions arrive")
    host: OwnAddress | None = Field(default=None, description="address of this machine; unsaid: all of them")
    senders: Senders | None = Field(default=None, description="addresses or networks that may send")
    peer: APeer | None = Field(default=None, description="the player's address and port, for players that are asked")
    deck: Deck | None = Field(default=None, description="which deck is followed; {deck} in addresses")
    cue: Cue | None = Field(default=None, description="number of the cue that is followed; unsaid: the active one")
    address: IncomingAddress | None = Field(default=None, description="OSC address of positions")
    unit: PositionUnit | None = Field(default=None, strict=False, description="s, ms, beats, fraction or timecode")
    argument: int | None = Field(default=None, ge=0, le=255, description="which argument is the position, from 0")
    fps: AFrameRate | None = Field(default=None, description="frame rate, for unit: timecode")
    first_beat: Beat = Field(default=0.0, description="the player's number of the track's first downbeat, for beats")
    play: IncomingAddress | None = Field(default=None, description="address that says 1 while playing, else 0")
    pause: IncomingAddress | None = Field(default=None, description="address that says 1 while paused, else 0")
    rate: IncomingAddress | None = Field(default=None, description="address of the rate; 1 is as recorded")
    track: IncomingAddress | None = Field(default=None, description="address of the track's name")
    jump: IncomingAddress | None = Field(default=None, description="address that announces a jump")
    interval: PositiveDuration | None = Field(default=None, description="usual time between two positions")
    silence: Literal["pause", "lost"] | None = Field(default=None, description="what it means when nothing arrives")
    varispeed: bool | None = Field(default=None, description="whether the rate changes and nobody says so")

    @field_validator("unit", mode="before")
    @classmethod
    def _known_unit(cls, value: object) -> PositionUnit:
        if isinstance(value, str) and value in set(PositionUnit):
            return PositionUnit(value)
        raise unlike(f"a unit: one of {', '.join(PositionUnit)}", value)

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str | None) -> str | None:
        if value is None or value in PRESETS:
            return value
        near = get_close_matches(value.lower(), PRESETS, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"presets: {', '.join(PRESETS)}"
        raise GrammarError(f"no preset named '{value}' ({remedy})")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = self._of_preset(self.preset, PRESETS[self.preset]) if self.preset else self._of_own_addresses()
        for problem in problems:
            raise GrammarError(problem)
        return self

    def _of_preset(self, name: str, preset: Preset) -> Iterator[str]:
        if given := next((key for key in _OF_THE_PLAYER if key in self.model_fields_set), None):
            yield f"preset {name} says that already; remove {given}, or the preset"
        if self.port is None and not preset.port:
            yield f"'port' is missing: the port that {name} sends to"
        if self.deck is not None and self.deck not in preset.decks:
            known = f"expected one of {', '.join(preset.decks)}" if preset.decks else "remove it"
            yield f"deck {self.deck}: preset {name} has no such deck; {known}"
        if self.cue is not None and preset.cue is None:
            yield f"preset {name} has no cues; remove cue"
        if self.peer is not None and preset.peer_port is None:
            yield f"preset {name} is not asked: it sends by itself; remove peer, or say senders"
        if preset.peer_port == 0 and (self.peer is None or not self.peer.port):
            yield f"'peer' is missing: address and port on which {name} listens, such as 127.0.0.1:8000"
        if self.first_beat and preset.dialect.unit is not PositionUnit.BEATS:
            yield f"preset {name} does not count in beats; remove first_beat"

    def _of_own_addresses(self) -> Iterator[str]:
        for key, text in (("port", "9000"), ("address", "/position"), ("unit", "s")):
            if getattr(self, key) is None:
                yield f"'{key}' is missing: add it, such as {key}: {text}, or name a preset: {', '.join(PRESETS)}"
        if (self.fps is not None) != (self.unit is PositionUnit.TIMECODE):
            yield "fps is for unit: timecode; remove it" if self.fps else "unit: timecode needs fps, such as fps: 25"
        if self.first_beat and self.unit is not PositionUnit.BEATS:
            yield "first_beat is for unit: beats; remove it"
        for key in ("cue", "peer"):
            if getattr(self, key) is not None:
                yield f"{key} is for presets that are asked; remove it"
        uses_deck = any(DECK in address for address in self._own_addresses().values())
        if uses_deck and self.deck is None:
            yield f"'deck' is missing: what {DECK} in the address stands for"
        if self.deck is not None and not uses_deck:
            yield f"deck stands for {DECK} in an address, and there is none; remove it"

    def _own_addresses(self) -> dict[Role, str]:
        said = {
            Role.JUMP: self.jump,
            Role.POSITION: self.address,
            Role.PLAYING: self.play,
            Role.PAUSED: self.pause,
            Role.RATE: self.rate,
            Role.TITLE: self.track,
        }
        return {role: address for role, address in said.items() if address is not None}

    def choice(self, _folder: Path) -> OscSettings:
        """The feed that a model of good shape describes."""
        preset = PRESETS[self.preset] if self.preset else Preset(dialect=self._own_dialect(), deck="")
        dialect = replace(preset.dialect, first_beat=self.first_beat)
        if self.interval is not None:
            interval = DurationNs(self.interval)
            dialect = replace(dialect, character=replace(dialect.character, interval=interval))
        port = self.port or preset.port
        return OscSettings(
            name=f"{self.preset or 'osc'} port {port}",
            port=port,
            host=self.host or EVERY_ADDRESS,
            dialect=dialect.filled(deck=self.deck or preset.deck or "", cue=self.cue or preset.cue or ""),
            following=self.following(dialect.usual),
            peer=self._peer(preset.peer_port),
            senders=self.senders or (),
        )

    def _peer(self, usual_port: int | None) -> Peer | None:
        if usual_port is None:
            return None
        peer = self.peer or Peer(_THIS_MACHINE, usual_port)
        return Peer(peer.host, peer.port or usual_port)

    def _own_dialect(self) -> Dialect:
        assert self.unit is not None
        return Dialect(
            unit=self.unit,
            frame_rate=self.fps,
            meanings=tuple(
                Meaning(
                    role=role,
                    addresses=(address,),
                    argument=(self.argument or 0) if role is Role.POSITION else 0,
                )
                for role, address in self._own_addresses().items()
            ),
            character=self._own_character(),
        )

    def _own_character(self) -> Character:
        interval = DurationNs(self.interval or USUAL_INTERVAL)
        quantum = DurationNs(frame_start(1, self.fps)) if self.fps else NO_TIME
        accuracy = Accuracy.A if interval <= _WIRED and not quantum else Accuracy.B if interval <= _SLOW else Accuracy.C
        rate = RateKnowledge.REPORTED if self.rate else RateKnowledge.FIXED
        return Character(
            accuracy=accuracy,
            interval=interval,
            quantum=quantum,
            rate=RateKnowledge.INFERRED if self.varispeed else rate,
            states_playing=self.play is not None or self.pause is not None,
            silence_is_pause=self.silence == "pause",
        )
