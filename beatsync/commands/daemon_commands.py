"""The commands that talk to the running daemon: what each is called, what it takes, which request it becomes.

Read whenever beatsync is started, whatever the command: it imports nothing but click, and the rest where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from beatsync.errors import UsageError

Body = Mapping[str, Any]
Make = Callable[..., Body]

_KINDS: Final = ("cue", "transport", "section", "health", "news", "lost")
"""Of events; the API's are not read for them, since every command waits for what is read here."""

_EXPECTED: Final[Mapping[str, str]] = {
    "deck": "the name of a deck",
    "target": "the name of a target",
    "track": "a file, an AudioScape asset id, or demo",
    "position": "seconds or minutes:seconds, such as 62.5 or 1:02.5",
    "lead": "a duration such as 40ms",
    "track_lead": "a duration such as 40ms",
    "ahead": "a duration such as 10s",
    "kinds": f"some of {','.join(_KINDS)}",
    "socket": "the path of a socket",
}
"""By the names of parameters: what may not be left empty."""


def _said(_context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Raises UsageError for a text without anything in it, which would be another deck or path than was meant."""
    if value is not None and (value == Path() or not str(value).strip()):
        expected = _EXPECTED[parameter.name or ""]
        raise UsageError(f"{parameter.opts[0]}: expected {expected}, got an empty text; is a shell variable empty?")
    return value


_JSON: Final = click.Option(["--json", "as_json"], is_flag=True, help="Machine-readable output.")
_SOCKET: Final = click.Option(
    ["--socket"],
    type=click.Path(path_type=Path),
    metavar="PATH",
    callback=_said,
    help="The daemon's control socket.",
)


def _names(of: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Completes the names of decks or targets, as the running daemon has them."""

    def complete(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        from beatsync.commands.talking import names_of  # noqa: PLC0415

        names = names_of(of, context.params.get("socket"))
        return [CompletionItem(name) for name in names if name.startswith(begun)]

    return complete


_DECK: Final = click.Option(
    ["--deck"],
    metavar="NAME",
    shell_complete=_names("decks"),
    callback=_said,
    help="Of this deck; unsaid: the one on air.",
)


def _command(
    name: str,
    request: str,
    summary: str,
    parameters: list[click.Parameter],
    make: Make = dict,
    *,
    with_deck: bool = False,
) -> click.Command:
    """One that sends a request. `request` may have {deck} or {target} in it; `make`: its body, of what it is given."""

    def callback(*, as_json: bool, socket: Path | None, **given: Any) -> None:
        from beatsync.commands.talking import in_path, tell  # noqa: PLC0415

        deck = given.pop("deck", None)
        path = f"decks/{{deck}}/{request}" if with_deck and deck else request
        for scope in ("deck", "target"):
            if f"{{{scope}}}" in path:
                path = path.replace(f"{{{scope}}}", in_path(deck if scope == "deck" else given.pop("target")))
        tell(path, make(**given), as_json=as_json, socket=socket)

    options = [*parameters, *([_DECK] if with_deck else []), _JSON, _SOCKET]
    # What begins with a minus may be a lead, or a number that is refused as such.
    settings = {"ignore_unknown_options": name in {"lead", "seek", "rate"}}
    return click.Command(name, callback=callback, help=summary, params=options, context_settings=settings)


def _of_deck(name: str, summary: str, *parameters: click.Parameter, make: Make = dict) -> click.Command:
    return _command(name, name, summary, list(parameters), make, with_deck=True)


def _of_target(name: str, request: str, summary: str, *parameters: click.Parameter, make: Make) -> click.Command:
    target = click.Argument(["target"], metavar="TARGET", callback=_said, shell_complete=_names("targets"))
    return _command(name, f"targets/{{target}}/{request}", summary, [target, *parameters], make)


def _kinds(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Completes the last of several kinds."""
    before, comma, last = begun.rpartition(",")
    return [CompletionItem(f"{before}{comma}{kind}") for kind in _KINDS if kind.startswith(last)]


def _seek(position: str) -> Body:
    from beatsync.commands.talking import seconds_of  # noqa: PLC0415

    return {"position": seconds_of(position)}


def _rate(rate: float) -> Body:
    if not isfinite(rate):
        raise UsageError(f"rate {rate}: expected a number such as 1.02; 1 is as recorded")
    return {"rate": rate}


def _load(track: str) -> Body:
    """A path from where the command is given, or an asset id."""
    if track.isascii() and track.isdigit():
        return {"track": {"audioscape": track}}
    return {"track": {"bundled": "demo"} if track == "demo" else {"file": str(Path(track).absolute())}}


def _lead(lead: str | None, track_lead: str | None) -> Body:
    if lead is None and track_lead is None:
        raise UsageError("lead: say how much earlier, for example: beatsync lead lights 40ms")
    given = {"lead": lead, "track_lead": track_lead}
    return {key: value for key, value in given.items() if value is not None}


def _on(*, on: bool) -> Body:
    return {"on": on}


def _on_air(when: str | None) -> Body:
    return {} if when is None else {"when": when}


def _status(*, watch: bool, as_json: bool, socket: Path | None) -> None:
    from beatsync.commands.talking import show_status  # noqa: PLC0415

    show_status(watch=watch, as_json=as_json, socket=socket)


def _cues(*, deck: str | None, ahead: str, target: str | None, as_json: bool, socket: Path | None) -> None:
    from beatsync.commands.talking import show_cues  # noqa: PLC0415

    show_cues(deck=deck, ahead=ahead, target=target, as_json=as_json, socket=socket)


def _events(*, kinds: str | None, as_json: bool, socket: Path | None) -> None:
    from beatsync.commands.talking import show_events  # noqa: PLC0415

    show_events(kinds, as_json=as_json, socket=socket)


def _stop(*, deck: str | None, everything: bool, as_json: bool, socket: Path | None) -> None:
    from beatsync.commands.talking import end_everything, in_path, tell  # noqa: PLC0415

    if everything:
        end_everything()
    else:
        tell(f"decks/{in_path(deck)}/stop" if deck else "stop", {}, as_json=as_json, socket=socket)


def _completion(*, shell: str) -> None:
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "beatsync", "_BEATSYNC_COMPLETE").source())


_OFF: Final = click.Option(["--off", "on"], flag_value=False, default=True, type=bool, help="It is over.")

DAEMON_COMMANDS: Final = (
    click.Command(
        "status",
        callback=_status,
        help="Say what the running daemon does.",
        params=[click.Option(["--watch"], is_flag=True, help="Again and again, until Ctrl-C."), _JSON, _SOCKET],
    ),
    _of_deck("play", "Start playback, go on after a pause, or follow the player again."),
    _of_deck("pause", "Hold playback where it is."),
    click.Command(
        "stop",
        callback=_stop,
        help="End every look and be armed again.",
        params=[
            click.Option(["--all", "everything"], is_flag=True, help="End the daemon and its conductor too."),
            _DECK,
            _JSON,
            _SOCKET,
        ],
    ),
    _of_deck("arm", "Be ready at the top, or to follow the player; refused while it plays."),
    _of_deck(
        "seek",
        "Go to a position of the track.",
        click.Argument(["position"], metavar="SECONDS | M:SS", callback=_said),
        make=_seek,
    ),
    _of_deck(
        "rate",
        "Play so many times as fast as recorded.",
        click.Argument(["rate"], type=float, metavar="RATE"),
        make=_rate,
    ),
    _of_deck(
        "load",
        "Have another track, armed: a file, an AudioScape asset id, or demo.",
        click.Argument(["track"], metavar="TRACK", type=click.Path(), callback=_said),
        make=_load,
    ),
    _of_deck("next", "The next track of the set list."),
    _of_deck("previous", "The track of the set list before."),
    _command(
        "on-air",
        "decks/{deck}/on-air",
        "Have a deck take over from the one that is on air.",
        [
            click.Argument(["deck"], metavar="DECK", callback=_said, shell_complete=_names("decks")),
            click.Option(["--when"], type=click.Choice(["now", "beat", "bar"]), help="Unsaid: as configured."),
        ],
        _on_air,
    ),
    _of_target(
        "lead",
        "lead",
        "Tell a target so much earlier.",
        click.Argument(["lead"], metavar="LEAD", required=False, callback=_said),
        click.Option(["--track-lead"], metavar="LEAD", callback=_said, help="The same in track time."),
        make=_lead,
    ),
    _of_target("mute", "mute", "Send a target nothing.", make=partial(_on, on=True)),
    _of_target("unmute", "mute", "Send a target something again.", make=partial(_on, on=False)),
    _of_target("solo", "solo", "Send something to the soloed targets alone.", make=partial(_on, on=True)),
    _of_target("unsolo", "solo", "Let a target be no soloed one any more.", make=partial(_on, on=False)),
    _command("panic", "panic", "Put every target into its safe state, and send nothing until --off.", [_OFF], _on),
    _command("lock", "lock", "Refuse edits: loading, leads, reloading.", [], partial(_on, on=True)),
    _command("unlock", "lock", "Take edits again.", [], partial(_on, on=False)),
    _command("reload", "reload", "Read everything again, and play on with what has changed.", []),
    click.Command(
        "cues",
        callback=_cues,
        help="Say what will be sent in the next seconds.",
        params=[
            _DECK,
            click.Option(
                ["--ahead"], default="10s", callback=_said, show_default=True, metavar="DURATION", help="At most 60s."
            ),
            click.Option(
                ["--target"],
                metavar="NAME",
                callback=_said,
                shell_complete=_names("targets"),
                help="Only of this target.",
            ),
            _JSON,
            _SOCKET,
        ],
    ),
    click.Command(
        "events",
        callback=_events,
        help="Say what happens, as it happens, until Ctrl-C.",
        params=[
            click.Option(
                ["--kinds"],
                metavar="KINDS",
                shell_complete=_kinds,
                callback=_said,
                help=f"Some of {','.join(_KINDS)}; unsaid: all.",
            ),
            _JSON,
            _SOCKET,
        ],
    ),
    click.Command(
        "completion",
        callback=_completion,
        help='Print what completes commands, decks and targets in a shell: eval "$(beatsync completion bash)".',
        params=[click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]))],
    ),
)
"""In the order in which the help lists them."""
