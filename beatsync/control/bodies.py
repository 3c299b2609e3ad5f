"""What a command can be told besides its name: the bodies of requests, each of which makes a command.

The API, the OSC port and the OpenAPI document all read these. Unknown keys are refused: a misspelt one would be a
command that does something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from beatsync.config.configuration import FromFile, HandOver, TrackChoice
from beatsync.config.fields import Lead
from beatsync.config.strict import Strict
from beatsync.config.track_building import track_of
from beatsync.config.track_models import TrackModel
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.units import DurationNs, TrackNs, ns_from_seconds
from beatsync.decks.commands import (
    Arm,
    Command,
    LoadTrack,
    Lock,
    MoveFader,
    Mute,
    Panic,
    Pause,
    Play,
    PutOnAir,
    RaiseFlag,
    Reload,
    SeekTo,
    SetRate,
    SetTargetLead,
    Solo,
    Step,
    StopDeck,
)
from beatsync.errors import CommandRefused, UsageError


@dataclass(frozen=True, slots=True)
class Aim:
    """What a command is for. `name`: of a deck or a target, None for the deck that is on air or the whole show.

    `folder`: where relative paths start. `trusted`: whether it comes from the daemon's own user, who may name any file.
    """

    name: str | None
    folder: Path
    trusted: bool

    @property
    def named(self) -> str:
        """The name, where there always is one."""
        assert self.name is not None
        return self.name


class Body(Strict):
    """Says which command it makes. `OSC`: the keys that the arguments of an OSC message stand for, in order."""

    OSC: ClassVar[tuple[str, ...]] = ()

    def command(self, aim: Aim) -> Command:
        """The command. Raises UsageError or CommandRefused."""
        raise NotImplementedError


class PlayBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:
        return Play(aim.name)


class PauseBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:
        return Pause(aim.name)


class StopBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:
        return StopDeck(aim.name)


class ArmBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:
        return Arm(aim.name)


class NextBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:
        return Step(1, aim.name)


class PreviousBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:
        return Step(-1, aim.name)


class SeekBody(Body):
    """Where to go."""

    OSC = ("position",)

    position: float = Field(ge=0, le=MAX_TRACK_SECONDS, allow_inf_nan=False, description="seconds from the top")

    def command(self, aim: Aim) -> Command:
        return SeekTo(TrackNs(ns_from_seconds(self.position)), aim.name)


class RateBody(Body):
    """How fast to play."""

    OSC = ("rate",)

    rate: float = Field(gt=0, le=16, allow_inf_nan=False, description="1 is as recorded, 2 twice as fast")

    def command(self, aim: Aim) -> Command:
        return SetRate(self.rate, aim.name)


class LoadBody(Body):
    """Which track."""

    OSC = ("track",)

    track: TrackModel = Field(description="as in a configuration: a path, or a mapping with audioscape or file")

    def command(self, aim: Aim) -> Command:
        choice = track_of(self.track, aim.folder)
        if self.track.file is not None:
            _check_reach(choice, self.track.file, aim)
        return LoadTrack(choice, aim.name)


def _check_reach(choice: TrackChoice, written: str, aim: Aim) -> None:
    """Others than the daemon's own user may name files of the show's own folder, and no others."""
    if written == "-":
        raise UsageError("track '-': a running daemon reads no track from standard input; name a file")
    assert isinstance(choice.origin, FromFile)
    if aim.trusted:
        return
    try:
        inside = "\0" not in written and choice.origin.path.resolve().is_relative_to(aim.folder.resolve())
    except OSError:
        inside = False
    if not inside:
        raise CommandRefused(f"track {written[:80]!r}: only files of the show's own folder can be loaded from afar")


class OnAirBody(Body):
    """When to take over."""

    OSC = ("when",)

    when: Literal["now", "beat", "bar"] | None = Field(
        default=None, description="at once, or on the deck's next beat or bar; unsaid: as the configuration says"
    )

    def command(self, aim: Aim) -> Command:
        return PutOnAir(aim.named, None if self.when is None else HandOver(self.when))


class FaderBody(Body):
    """How far up a fader stands."""

    OSC = ("level",)

    level: float = Field(ge=0, le=1, allow_inf_nan=False, description="0 is down, 1 is up")

    def command(self, aim: Aim) -> Command:
        return MoveFader(self.level, aim.named)


class FlagBody(Body):
    """What the mixer says."""

    OSC = ("on",)

    on: bool = Field(default=True, description="whether the mixer has the deck on air")

    def command(self, aim: Aim) -> Command:
        return RaiseFlag(self.on, aim.named)


class LeadBody(Body):
    """How much earlier a target is told."""

    OSC = ("lead", "track_lead")

    lead: Lead | None = Field(default=None, description="in real time; unsaid: as it is")
    track_lead: Lead | None = Field(default=None, description="in track time; unsaid: as it is")

    def command(self, aim: Aim) -> Command:
        if self.lead is None and self.track_lead is None:
            raise UsageError('say lead or track_lead, for example {"lead": "40ms"}')
        return SetTargetLead(
            aim.named,
            None if self.lead is None else DurationNs(self.lead),
            None if self.track_lead is None else DurationNs(self.track_lead),
        )


class MuteBody(Body):
    """Whether a target is sent nothing."""

    OSC = ("on",)

    on: bool = Field(default=True, description="false: it is heard again")

    def command(self, aim: Aim) -> Command:
        return Mute(aim.named, on=self.on)


class SoloBody(Body):
    """Whether a target is among those that alone are sent anything."""

    OSC = ("on",)

    on: bool = Field(default=True, description="false: it is not any more")

    def command(self, aim: Aim) -> Command:
        return Solo(aim.named, on=self.on)


class PanicBody(Body):
    """Whether there is a panic."""

    OSC = ("on",)

    on: bool = Field(default=True, description="false: it is over")

    def command(self, aim: Aim) -> Command:  # noqa: ARG002  of the whole show
        return Panic(on=self.on)


class LockBody(Body):
    """Whether edits are refused."""

    OSC = ("on",)

    on: bool = Field(default=True, description="false: edits are taken again")

    def command(self, aim: Aim) -> Command:  # noqa: ARG002  of the whole show
        return Lock(on=self.on)


class ReloadBody(Body):
    """Nothing more to say."""

    def command(self, aim: Aim) -> Command:  # noqa: ARG002  of the whole show
        return Reload()
