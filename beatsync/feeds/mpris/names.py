"""Which names on the bus are players, and which of them is meant. Pure."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "org.mpris.MediaPlayer2."
MOST_PLAYERS: Final = 32
"""So many are looked at; nobody has more, but names cost nothing."""

_MOST_NAMES: Final = 10_000
_LONGEST_NAME: Final = 255
_RELAYS: Final = frozenset({"playerctld"})
"""These stand for whichever player was used last, so that every player would be there twice."""


def players_among(names: object, wanted: str | None) -> tuple[str, ...]:
    """The bus names of the players that `wanted` means, or of all players where it is None; in a fixed order.

    `wanted` is what follows org.mpris.MediaPlayer2, with or without an instance: `mpv` means `mpv` and
    `mpv.instance4711`. `names`: as the bus lists them.
    """
    if not isinstance(names, list | tuple):
        return ()
    known = {
        name
        for name in names[:_MOST_NAMES]
        if isinstance(name, str) and name.startswith(PREFIX) and len(name) <= _LONGEST_NAME and name.isascii()
    }
    return tuple(sorted(name for name in known if _is_meant(player_of(name), wanted)))[:MOST_PLAYERS]


def player_of(name: str) -> str:
    """What people call the player with this bus name: `mpv`, `mpv.instance4711`."""
    return name.removeprefix(PREFIX)


def _is_meant(player: str, wanted: str | None) -> bool:
    if wanted is None:
        return player.partition(".")[0] not in _RELAYS
    player, wanted = player.lower(), wanted.lower()
    return player == wanted or player.startswith(f"{wanted}.")
