"""The command line: one short function for each command. Errors become one line and an exit code of sysexits.h."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from beatsync import __version__
from beatsync.errors import BeatsyncError, UsageError

_JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
_CONFIG = click.argument("config", type=click.Path(path_type=Path))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="beatsync")
def cli() -> None:
    """Sends OSC cues to lights, visuals and games at the right instant of recorded music."""


@cli.command()
@click.option("--fast", is_flag=True, help="In virtual time: at once, with the same cues.")
@click.option(
    "--to", default="127.0.0.1:7700", metavar="HOST:PORT", help="Where the OSC goes.  [default: 127.0.0.1:7700]"
)
@_JSON
def demo(fast: bool, to: str, as_json: bool) -> None:
    """Play the bundled track with the default rules, printing each cue as it fires. Needs no network."""
    from beatsync.commands.demo import play_demo
    from beatsync.terminal.cue_log import LogFormat

    play_demo(to=to, fast=fast, form=LogFormat.JSON if as_json else LogFormat.TEXT)


@cli.command()
@_CONFIG
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--once", is_flag=True, help="Leave when the track has ended, instead of waiting for commands.")
@click.option("--fresh", is_flag=True, help="Begin as the configuration says, whatever was played before.")
def run(config: Path, log_format: str, once: bool, fresh: bool) -> None:
    """Run the daemon in the foreground; logs to stderr."""
    from beatsync.commands.starting import conductor_ahead

    with conductor_ahead(os.environ) as starter:
        from beatsync.commands.run import run_daemon
        from beatsync.terminal.cue_log import LogFormat

        run_daemon(config, form=LogFormat(log_format), once=once, fresh=fresh, starter=starter)


@cli.command()
@click.argument("configs", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="CONFIG...")
@_JSON
def check(configs: Sequence[Path], as_json: bool) -> None:
    """Report every problem of configurations, with file, line and column; exit 0 or 78."""
    from beatsync.commands.check import check_files

    sys.exit(check_files(configs, as_json=as_json))


@cli.command()
@_CONFIG
@click.option("--deck", metavar="NAME", help="Of this deck; the first, where it is not said.")
@click.option(
    "--track", metavar="T", help="Another track than the configuration's: a file, an asset id, or #2 of its set list."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "svg"]),
    default="table",
    show_default=True,
)
@_JSON
def plan(config: Path, deck: str | None, track: str | None, form: str, as_json: bool) -> None:
    """Print every cue of the track, resolved, without sending any."""
    from beatsync.commands.plan import print_plan

    print_plan(config, deck=deck, track=track, form="json" if as_json else form)


@cli.command()
@click.argument("wanted", nargs=-1, required=True, metavar="CONFIG | ASSET_ID...")
@click.option("--update", is_flag=True, help="Ask again, and take what has changed.")
@click.option("--compare", is_flag=True, help="Ask again, and say what has changed; keep the cached copy.")
@_JSON
def fetch(wanted: Sequence[str], update: bool, compare: bool, as_json: bool) -> None:
    """Fill the cache, so that the show needs no network; exit 0 only if nothing is missing."""
    from beatsync.commands.fetch import fetch_tracks
    from beatsync.sources.library import Refresh

    if update and compare:
        raise UsageError("--update and --compare: use one of them")
    refresh = Refresh.REPLACE if update else Refresh.COMPARE if compare else Refresh.IF_MISSING
    sys.exit(fetch_tracks(wanted, refresh=refresh, as_json=as_json))


@cli.command()
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(5, 600), help="How long to measure.")
@_JSON
def bench(seconds: float, as_json: bool) -> None:
    """Measure how late cues leave on this machine; exit 0 if that is good for a show, else 1."""
    from beatsync.commands.bench import run_bench

    sys.exit(run_bench(seconds=seconds, as_json=as_json))


@cli.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from beatsync.config.schema import configuration_schema

    click.echo(json.dumps(configuration_schema(), indent=2))


@cli.command(hidden=True)
@click.argument("directory", type=click.Path(path_type=Path))
def conductor(directory: Path) -> None:
    """Run the conductor alone, for a daemon that finds it in DIRECTORY: what its systemd unit starts."""
    from beatsync.conductor.__main__ import serve

    serve(directory, private=False)


def _daemon_command(name: str, summary: str) -> None:
    @cli.command(name, help=summary)
    @_JSON
    def command(as_json: bool) -> None:
        _tell(name, None, as_json=as_json)

    del command


_daemon_command("status", "Say what the running daemon does.")
_daemon_command("play", "Start playback, or go on after a pause.")
_daemon_command("pause", "Hold playback where it is.")


@cli.command()
@click.option("--all", "everything", is_flag=True, help="End the daemon and its conductor too.")
@_JSON
def stop(everything: bool, as_json: bool) -> None:
    """End every look and be armed again."""
    if not everything:
        _tell("stop", None, as_json=as_json)
        return
    from beatsync.commands.stop import stop_everything

    click.echo(stop_everything(os.environ))


@cli.command()
@click.argument("position", metavar="SECONDS | M:SS")
@_JSON
def seek(position: str, as_json: bool) -> None:
    """Go to a position of the track."""
    _tell("seek", {"position": _seconds(position)}, as_json=as_json)


def _seconds(text: str) -> float:
    """`62.5` or `1:02.5` in seconds."""
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or any(not 0 <= number < float("inf") for number in numbers):
        raise UsageError(f"position {text!r}: expected seconds or minutes:seconds, for example 62.5 or 1:02.5")
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


def _tell(command: str, body: dict[str, Any] | None, *, as_json: bool) -> None:
    from beatsync.control.client import ask_daemon
    from beatsync.control.socket_path import control_socket_path
    from beatsync.terminal.status_text import status_text

    status = ask_daemon(control_socket_path(os.environ), command, body)
    click.echo(json.dumps(status) if as_json else status_text(status))


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of `beatsync`."""
    sys.exit(exit_code_of(partial(cli.main, args=arguments, standalone_mode=False, prog_name="beatsync")))


def exit_code_of(command: Callable[[], object]) -> int:
    """Run `command`; what went wrong is said in one line on stderr, and what it was becomes the exit code."""
    code = 0
    try:
        _ungrouped(command)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = UsageError.exit_code
    except BeatsyncError as error:
        click.echo(f"beatsync: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        # Whoever read the output has seen enough; keep the interpreter from complaining on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _ungrouped(command: Callable[[], object]) -> None:
    """Run `command`; an error of ours that nurseries have wrapped in groups comes out bare."""
    try:
        command()
    except BaseExceptionGroup as group:
        leaf: BaseException = group
        while isinstance(leaf, BaseExceptionGroup) and len(leaf.exceptions) == 1:
            leaf = leaf.exceptions[0]
        if isinstance(leaf, BeatsyncError):
            raise leaf from None
        raise


if __name__ == "__main__":
    main()
