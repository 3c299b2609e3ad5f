"""The sockets over which the daemon is commanded; opened first, so that one that cannot be had is said at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from beatsync.clock import Clock
from beatsync.config.configuration import ControlChoice, HttpChoice
from beatsync.config.networks import is_loopback
from beatsync.control.doors import Door
from beatsync.control.osc.opening import open_osc
from beatsync.errors import ConfigError, ConfigProblem, ControlError
from beatsync.feeds.datagrams import Datagrams
from beatsync.port_holders import why_not
from beatsync.unix_sockets import private_socket
from beatsync.web.listening import listening_socket
from beatsync.web.token import TokenTrouble, token_in_file


@dataclass(frozen=True, slots=True)
class Entrance:
    """A socket that listens, and who may come in there."""

    listening: socket.socket
    door: Door


@dataclass(frozen=True, slots=True)
class Entrances:
    """Every way in. `osc`: the port for OSC, where there is one."""

    http: tuple[Entrance, ...] = ()
    osc: Datagrams | None = None


@contextmanager
def open_entrances(path: Path | None, choice: ControlChoice, clock: Clock) -> Iterator[Entrances]:
    """The Unix socket at `path` and whatever else is configured; nothing where there is no path.

    Raises ControlError where one cannot be had, ConfigError where a token cannot. Reads a small file.
    """
    with ExitStack() as stack:
        if path is None:
            yield Entrances()
            return
        listening = stack.enter_context(private_socket(path))
        own = Entrance(listening, Door(name="the control socket", trusted=True))
        http = () if choice.http is None else (_http(choice.http, stack),)
        osc = None if choice.osc is None else stack.enter_context(open_osc(choice.osc, clock))
        yield Entrances((own, *http), osc)


def _http(choice: HttpChoice, stack: ExitStack) -> Entrance:
    token = None if choice.token_file is None else _token(choice.token_file)
    if token is None and not is_loopback(choice.host):
        raise ControlError(f"control.http.host {choice.host} can be reached by others, and there is no token_file")
    try:
        listening = stack.enter_context(listening_socket(choice.host, choice.port))
    except OSError as error:
        reason = why_not(error, choice.port, "tcp")
        raise ControlError(
            f"control.http: cannot listen on tcp {choice.host}:{choice.port}: {reason}; choose another port or host"
        ) from None
    own_name = socket.gethostname().lower()
    hosts = frozenset({own_name, f"{own_name}.local", *choice.hosts})
    door = Door(name="http", token=token, origins=frozenset(choice.origins), hosts=hosts)
    return Entrance(listening, door)


def _token(path: Path) -> str:
    try:
        return token_in_file(path)
    except TokenTrouble as trouble:
        raise ConfigError((ConfigProblem(message=str(trouble), path="control.http.token_file"),)) from None
