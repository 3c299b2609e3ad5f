"""What the daemon's commands do: a request over the control socket, and its answer shown."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any, Final
from urllib.parse import quote

import click

from beatsync.commands.stop import stop_everything
from beatsync.control.client import ask_daemon, follow_events, read_daemon
from beatsync.control.socket_path import running_socket_path
from beatsync.core.units import clock_face, ns_from_seconds
from beatsync.errors import BeatsyncError, UsageError
from beatsync.terminal.receiver_words import receiver_in_words
from beatsync.terminal.status_text import status_text

WATCH_SECONDS: Final = 0.5
_COMPLETION_SECONDS: Final = 0.5


def tell(request: str, body: Mapping[str, Any], *, as_json: bool, socket: Path | None) -> None:
    """Command something, and show how things stand then."""
    status = ask_daemon(_socket(socket), request, body)
    if status.get("outcome") and not as_json:
        click.echo(status["outcome"])
    else:
        click.echo(json.dumps(status) if as_json else status_text(status))


def show_status(*, watch: bool, as_json: bool, socket: Path | None) -> None:
    """Once, or again and again until somebody interrupts."""
    path = _socket(socket)
    while True:
        status = read_daemon(path, "status")
        if watch and not as_json:
            click.clear()
        click.echo(json.dumps(status) if as_json else status_text(status))
        if not watch:
            return
        Event().wait(WATCH_SECONDS)


def show_cues(*, deck: str | None, ahead: str, target: str | None, as_json: bool, socket: Path | None) -> None:
    """What will be sent in the next seconds."""
    query = {"ahead": ahead} | ({} if target is None else {"target": target})
    record = read_daemon(_socket(socket), f"decks/{in_path(deck)}/cues" if deck else "cues", query)
    if as_json:
        click.echo(json.dumps(record))
        return
    for cue in record["cues"]:
        click.echo(_cue_line(cue, record["clock"]["sent"], several=len(record["decks"]) > 1))
    if not record["cues"]:
        click.echo(f"nothing within {ahead}")


def _cue_line(cue: Mapping[str, Any], now: float, *, several: bool) -> str:
    deck = f"{cue['deck']}  " if several else ""
    message = " ".join([cue["address"], cue["types"], *map(str, cue["args"])])
    place = clock_face(ns_from_seconds(cue["position"]))
    return f"in {cue['due'] - now:6.3f} s  {place:>9}  {deck}{cue['target']:<10}  {message}  {cue['why']}"


def show_events(kinds: str | None, *, as_json: bool, socket: Path | None) -> None:
    """What happens, as it happens."""
    for kind, event in follow_events(_socket(socket), kinds):
        click.echo(json.dumps(event) if as_json else _event_line(kind, event))


def _event_line(kind: str, event: Mapping[str, Any]) -> str:
    match kind:
        case "cue":
            message = " ".join([event["address"], event["types"], *map(str, event["args"])])
            late = event["lateness_ms"]
            lateness = "" if late is None else f"  {late:+.2f} ms"
            return f"{event['verdict']:<10}  {event['target']:<10}  {message}{lateness}  {event['why']}"
        case "section":
            return f"section     {event['deck']}: {event['section'] or 'none'}"
        case "health":
            detail = f" ({event['detail']})" if event["detail"] else ""
            return f"target      {event['target']}: {receiver_in_words(event['state'])}{detail}"
        case "lost":
            return "lost        " + ("some events" if event["count"] is None else f"{event['count']} events")
        case _:
            return f"{event['event']:<10}  {event['text']}"


def end_everything() -> None:
    """The daemon and its conductor."""
    click.echo(stop_everything(os.environ))


def names_of(of: str, socket: Path | None) -> list[str]:
    """The names of the running daemon's decks or targets; none where there is no daemon."""
    try:
        return list(read_daemon(_socket(socket), "status", seconds=_COMPLETION_SECONDS)[of])
    except (BeatsyncError, KeyError):
        return []


def in_path(name: str) -> str:
    """A name as one part of a path: neither a slash nor dots in it lead anywhere else."""
    return quote(name, safe="").replace(".", "%2E")


def seconds_of(text: str) -> float:
    """`62.5` or `1:02.5` in seconds. Raises UsageError."""
    try:
        numbers = [float(part) for part in text.split(":")]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or any(not 0 <= number < float("inf") for number in numbers):
        raise UsageError(f"position {text!r}: expected seconds or minutes:seconds, for example 62.5 or 1:02.5")
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


def _socket(chosen: Path | None) -> Path:
    return running_socket_path(os.environ) if chosen is None else chosen
