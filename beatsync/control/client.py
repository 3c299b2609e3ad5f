"""The command line's side of the control socket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx

from beatsync.conductor.remote.dismissing import is_conductor_at
from beatsync.control.socket_path import conductor_directory
from beatsync.errors import BeatsyncError, ControlError, SourceError, TrackError, UsageError

SECONDS: Final = 3.0
LONG_SECONDS: Final = 90.0
"""For what has to be fetched or read first."""

_SLOW: Final = frozenset({"load", "next", "previous", "reload"})
_BASE: Final = "http://beatsync"


class _ConfigurationRefused(ControlError):
    """The daemon cannot use a configuration."""

    exit_code: ClassVar[int] = 78


_KINDS: Final[Mapping[int, type[BeatsyncError]]] = {
    kind.exit_code: kind for kind in (UsageError, TrackError, SourceError, _ConfigurationRefused)
}


def ask_daemon(path: Path, command: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Send `command` to the daemon at `path`; returns its status. Raises ControlError, or what it says.

    `command` is the end of the API's path: `play`, `decks/a/seek`.
    """
    if command == "status":
        return read_daemon(path, command)
    seconds = LONG_SECONDS if command.rpartition("/")[2] in _SLOW else SECONDS
    with _connected(path, seconds) as client:
        response = client.post(f"{_BASE}/v1/{command}", json=body)
        return _answer(response, command)


def read_daemon(
    path: Path, what: str, query: Mapping[str, str] | None = None, *, seconds: float = SECONDS
) -> Mapping[str, Any]:
    """Ask the daemon for something. Raises as `ask_daemon`."""
    with _connected(path, seconds) as client:
        return _answer(client.get(f"{_BASE}/v1/{what}", params=query), what)


def follow_events(path: Path, kinds: str | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each event as it happens, with its kind (`cue`, `lost`); ends when the daemon does. Raises as `ask_daemon`."""
    query = {"kinds": kinds} if kinds else {}
    with _connected(path, None) as client, client.stream("GET", f"{_BASE}/v1/events", params=query) as response:
        if response.status_code != httpx.codes.OK:
            response.read()
            raise _error_in(response.json(), "events", response.reason_phrase)
        kind = ""
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


@contextmanager
def _connected(path: Path, seconds: float | None) -> Iterator[httpx.Client]:
    """A client of the socket. httpx's exceptions end here."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), timeout=seconds, trust_env=False) as client:
            yield client
    except httpx.ConnectError as error:
        there = is_conductor_at(conductor_directory(path))
        left = "; a conductor is there: its daemon is starting, or gone (beatsync stop --all ends it)" if there else ""
        raise ControlError(f"no beatsync is running at {path}; start one with: beatsync run CONFIG{left}") from error
    except (httpx.HTTPError, ValueError) as error:
        raise ControlError(f"the daemon at {path} gave no answer: {str(error) or type(error).__name__}") from error


def _answer(response: httpx.Response, command: str) -> Mapping[str, Any]:
    answer = response.json()
    if response.status_code != httpx.codes.OK:
        raise _error_in(answer, command, response.reason_phrase)
    return dict(answer)


def _error_in(answer: object, command: str, reason: str) -> BeatsyncError:
    """What the daemon says is wrong, as what it is."""
    error = answer.get("error") if isinstance(answer, dict) else None
    fields = error if isinstance(error, dict) else {}
    kind = _KINDS.get(fields.get("exit_code", 0), ControlError)
    return kind(f"the daemon refused {command}: {fields.get('message', reason)}")
