"""The command line: one short function for each command. Errors become one line and an exit code of sysexits.h."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from beatsync import __version__
from beatsync.commands.daemon_commands import DAEMON_COMMANDS
from beatsync.errors import UsageError

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

    sys.exit(play_demo(to=to, fast=fast, form=LogFormat.JSON if as_json else LogFormat.TEXT))


@cli.command()
@_CONFIG
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--once", is_flag=True, help="Leave when the track has ended, instead of waiting for commands.")
@click.option("--fresh", is_flag=True, help="Begin as the configuration says, whatever was played before.")
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="FILE", help="Keep everything heard and decided, to simulate."
)
def run(config: Path, log_format: str, once: bool, fresh: bool, record: Path | None) -> None:
    """Run the daemon in the foreground; logs to stderr."""
    from beatsync.commands.starting import conductor_ahead, undisturbed

    with conductor_ahead(os.environ, fresh=fresh) as starter:
        with undisturbed():
            from beatsync.commands.run import run_daemon
            from beatsync.terminal.cue_log import LogFormat

        code = run_daemon(config, form=LogFormat(log_format), once=once, fresh=fresh, starter=starter, record=record)
    sys.exit(code)


@cli.command()
@_CONFIG
@click.option(
    "--trace", required=True, type=click.Path(path_type=Path), metavar="FILE", help="What run --record has written."
)
@click.option("--session", type=click.IntRange(1), metavar="N", help="Which start of the daemon; the last one.")
@click.option("--diff", is_flag=True, help="Only what would be sent otherwise than it was then.")
@_JSON
def simulate(config: Path, trace: Path, session: int | None, diff: bool, as_json: bool) -> None:
    """Play a recorded session again in virtual time, with these rules; prints what would be sent, and sends nothing."""
    from beatsync.commands.simulate import print_simulation

    print_simulation(config, trace, session=-1 if session is None else session, diff=diff, as_json=as_json)


@cli.command()
@_CONFIG
@click.option("--deck", metavar="NAME", help="Of this deck; the first, where it is not said.")
@click.option("--seconds", type=click.FloatRange(0.1), metavar="N", help="End by itself after so long.")
@click.option("--calibrate", "calibrating", is_flag=True, help="Find the feed's offset: tap on clicks that you hear.")
@click.option("--ahead", type=float, metavar="MS", help="By how much you tap before a click; 30 unless said otherwise.")
@click.option("--click-track", type=click.Path(path_type=Path), metavar="FILE", help="Write the clicks, as WAV.")
@_JSON
def feed(
    *,
    config: Path,
    deck: str | None,
    seconds: float | None,
    calibrating: bool,
    ahead: float | None,
    click_track: Path | None,
    as_json: bool,
) -> None:
    """Show how good a deck's feeds are, live; needs no daemon and sends nothing."""
    if click_track is not None:
        from beatsync.commands.click_track import write_click_track

        write_click_track(click_track)
        click.echo(f"{click_track}: play it with the player, then: beatsync feed {config} --calibrate")
    if calibrating:
        from beatsync.commands.calibrate import calibrate

        calibrate(config, deck=deck, ahead=ahead)
    elif click_track is None:
        from beatsync.commands.feed import watch_feeds

        watch_feeds(config, deck=deck, seconds=seconds, as_json=as_json)


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
@click.option("--json", is_flag=True, expose_value=False, help="It is JSON, with this or without.")
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from beatsync.config.schema import configuration_schema

    click.echo(json.dumps(configuration_schema(), indent=2))


@cli.command(hidden=True)
@click.argument("directory", type=click.Path(path_type=Path))
def conductor(directory: Path) -> None:
    """Run the conductor alone, for a daemon that finds it in DIRECTORY: what its systemd unit starts."""
    from beatsync.conductor.__main__ import serve

    serve(directory)


for command in DAEMON_COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of `beatsync`."""
    from beatsync.terminal.exits import exit_code_of, tell_faults_of_threads
    from beatsync.terminal.streams import guard_streams

    guard_streams()
    tell_faults_of_threads()
    sys.exit(exit_code_of(partial(cli.main, args=arguments, standalone_mode=False, prog_name="beatsync")))


if __name__ == "__main__":
    main()
