"""Every command in one table, which the API's routes, the OSC addresses and the OpenAPI document follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from beatsync.control.bodies import (
    ArmBody,
    Body,
    FaderBody,
    FlagBody,
    LeadBody,
    LoadBody,
    LockBody,
    MuteBody,
    NextBody,
    OnAirBody,
    PanicBody,
    PauseBody,
    PlayBody,
    PreviousBody,
    RateBody,
    ReloadBody,
    SeekBody,
    SoloBody,
    StopBody,
)


class Scope(StrEnum):
    """What a command is about."""

    DECK = "deck"
    TARGET = "target"
    SHOW = "show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command. `name`: the last word of its path; `example`: a body that makes sense.

    `of_the_one_on_air`: whether it may be told without a deck's name, for the deck that is on air.
    """

    name: str
    scope: Scope
    body: type[Body]
    summary: str
    example: Mapping[str, object] = field(default_factory=dict)
    of_the_one_on_air: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the API has it: `/v1/decks/{deck}/seek`, `/v1/seek`."""
        short = (f"/v1/{self.name}",)
        match self.scope:
            case Scope.SHOW:
                return short
            case Scope.TARGET:
                return (f"/v1/targets/{{target}}/{self.name}",)
            case Scope.DECK:
                return (f"/v1/decks/{{deck}}/{self.name}", *(short if self.of_the_one_on_air else ()))

    def words(self, said: Body, name: str | None) -> str:
        """What people are told of the command: `mute off (target lights)`."""
        off = " off" if getattr(said, "on", True) is False else ""
        return f"{self.name}{off} ({self.scope} {name})" if name else f"{self.name}{off}"

    @property
    def osc_addresses(self) -> tuple[str, ...]:
        """The same as OSC addresses: `/beatsync/deck/{deck}/seek`, `/beatsync/seek`."""
        paths = (path.replace("/v1/", "/beatsync/").replace("-", "_") for path in self.paths)
        return tuple(path.replace("/decks/", "/deck/").replace("/targets/", "/target/") for path in paths)


def _of_deck(name: str, body: type[Body], summary: str, **example: object) -> Entry:
    return Entry(name=name, scope=Scope.DECK, body=body, summary=summary, example=example, of_the_one_on_air=True)


def _of_named_deck(name: str, body: type[Body], summary: str, **example: object) -> Entry:
    return Entry(name=name, scope=Scope.DECK, body=body, summary=summary, example=example)


def _of_target(name: str, body: type[Body], summary: str, **example: object) -> Entry:
    return Entry(name=name, scope=Scope.TARGET, body=body, summary=summary, example=example)


def _of_show(name: str, body: type[Body], summary: str, **example: object) -> Entry:
    return Entry(name=name, scope=Scope.SHOW, body=body, summary=summary, example=example)


COMMANDS: Final = (
    _of_deck("play", PlayBody, "Start, go on after a pause, start anew after the end, or follow the player again."),
    _of_deck("pause", PauseBody, "Hold playback where it is."),
    _of_deck("stop", StopBody, "End every look and be armed again; a player is not followed any more."),
    _of_deck("seek", SeekBody, "Go to a position of the track.", position=62.5),
    _of_deck("rate", RateBody, "Play so many times as fast as recorded.", rate=1.02),
    _of_deck("load", LoadBody, "Have another track, armed. The show lock refuses it.", track={"bundled": "demo"}),
    _of_deck("arm", ArmBody, "Be ready at the top, or to follow the player; refused while it plays."),
    _of_deck("next", NextBody, "The next track of the set list; where one plays, it plays on with that."),
    _of_deck("previous", PreviousBody, "The track of the set list before; where one plays, it plays on with that."),
    _of_named_deck("on-air", OnAirBody, "Take over from the deck that is on air.", when="bar"),
    _of_named_deck("fader", FaderBody, "The deck's fader stands so high; the highest is on air.", level=0.8),
    _of_named_deck("flag", FlagBody, "A mixer says whether the deck is on air.", on=True),
    _of_target("lead", LeadBody, "Tell the target so much earlier. The show lock refuses it.", lead="40ms"),
    _of_target("mute", MuteBody, "Send the target nothing, or something again.", on=True),
    _of_target("solo", SoloBody, "Send something to the soloed targets alone.", on=True),
    _of_show("panic", PanicBody, "Every target gets its safe state, and nothing else until that is over.", on=True),
    _of_show("lock", LockBody, "Refuse edits: loading, leads, reloading. Playing is operated as ever.", on=True),
    _of_show("reload", ReloadBody, "Read everything again, and play on with what has changed. The lock refuses it."),
)

QUIT: Final = _of_show("quit", Body, "End the show and the daemon; every look is ended first.")
"""No command of the desk: what it ends is more than a show."""
