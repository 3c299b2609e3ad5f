"""Where a bus listens: D-Bus addresses, and what the environment says of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from beatsync.config.feeds.mpris import SESSION_BUS, SYSTEM_BUS
from beatsync.feeds.feed import FeedTrouble

SESSION_VARIABLE: Final = "DBUS_SESSION_BUS_ADDRESS"
SYSTEM_VARIABLE: Final = "DBUS_SYSTEM_BUS_ADDRESS"
RUNTIME_VARIABLE: Final = "XDG_RUNTIME_DIR"
USUAL_SYSTEM_BUS: Final = "unix:path=/run/dbus/system_bus_socket"

_LONGEST: Final = 4_096
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")


def socket_of_bus(bus: str, env: Mapping[str, str]) -> str:
    """The Unix socket of `bus` (session, system or an address); an abstract one starts with a NUL.

    Raises FeedTrouble where the environment does not say, or where it is no Unix socket.
    """
    address = _address(bus, env)
    for part in address[:_LONGEST].split(";"):
        transport, _, keys = part.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in keys.split(","))
        if transport.strip() != "unix":
            continue
        if path := pairs.get("path"):
            return _unescaped(path)
        if name := pairs.get("abstract"):
            return f"\0{_unescaped(name)}"
    raise FeedTrouble(f"bus {address[:80]!r}: no Unix socket; expected something like unix:path=/run/user/1000/bus")


def _address(bus: str, env: Mapping[str, str]) -> str:
    if bus == SYSTEM_BUS:
        return env.get(SYSTEM_VARIABLE) or USUAL_SYSTEM_BUS
    if bus != SESSION_BUS:
        return bus
    if address := env.get(SESSION_VARIABLE):
        return address
    if runtime := env.get(RUNTIME_VARIABLE):
        return f"unix:path={runtime}/bus"  # where systemd's session bus listens
    raise FeedTrouble(
        f"no session bus: {SESSION_VARIABLE} is not set; run beatsync as the user who runs the player, "
        f"or say where it is, such as bus: unix:path=/run/user/1000/bus"
    )


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
