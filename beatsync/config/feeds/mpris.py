"""Desktop players over D-Bus: `{mpris: {player: mpv}}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.plain import GrammarError, text_of
from beatsync.core.observation import Following

USUAL: Final = Following()
"""What lies between position and sound depends on the player; for mpv it is a few milliseconds."""

SESSION_BUS: Final = "session"
SYSTEM_BUS: Final = "system"

PLAYER_PATTERN: Final = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
BUS_PATTERN: Final = r"^(session|system|unix:(path|abstract)=[^;,\s]+(,guid=[0-9a-f]+)?)$"
_PREFIX: Final = "org.mpris.MediaPlayer2."
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class MprisPlayer:
    """A player on a bus. `player`: what follows org.mpris.MediaPlayer2 in its name; None for whichever plays.

    `bus`: session, system, or a D-Bus address.
    """

    player: str | None = None
    bus: str = SESSION_BUS
    following: Following = USUAL


def player_of(value: object) -> str:
    """The name of a player. Raises GrammarError."""
    expected = "the name of a player, such as mpv, vlc or firefox"
    text = text_of(value, f"{expected} as text").strip().removeprefix(_PREFIX)
    if not re.match(PLAYER_PATTERN, text) or len(text) > _LONGEST:
        raise GrammarError(f"expected {expected}, got {text[:40]!r}; playerctl --list-all shows their names")
    return text


def bus_of(value: object) -> str:
    """A bus. Raises GrammarError."""
    expected = "session, system, or an address such as unix:path=/run/user/1000/bus"
    text = text_of(value, f"{expected} as text").strip()
    if not re.match(BUS_PATTERN, text) or len(text) > _LONGEST:
        raise GrammarError(f"expected {expected}, got {text[:40]!r}")
    return text


APlayer = Annotated[
    str,
    BeforeValidator(player_of),
    WithJsonSchema({"type": "string", "pattern": PLAYER_PATTERN, "examples": ["mpv", "vlc"]}),
]
ABus = Annotated[
    str,
    BeforeValidator(bus_of),
    WithJsonSchema({"type": "string", "pattern": BUS_PATTERN, "examples": ["session", "unix:path=/run/user/1000/bus"]}),
]


class MprisModel(FollowingModel):
    """A desktop player that speaks MPRIS."""

    player: APlayer | None = Field(default=None, description="the player's name on the bus; unsaid: whichever plays")
    bus: ABus = Field(default=SESSION_BUS, description="session, system, or the address of a bus")

    def choice(self, _folder: Path) -> MprisPlayer:
        """What the file says."""
        return MprisPlayer(self.player, self.bus, self.following(USUAL))
