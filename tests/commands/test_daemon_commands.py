"""What is typed after the commands that talk to the daemon."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
import trio
from click.testing import CliRunner

from beatsync.commands.daemon_commands import DAEMON_COMMANDS
from beatsync.control.ring import KIND_NAMES
from beatsync.errors import UsageError
from tests.control.office import TWO_DECKS, office

COMMANDS = {command.name: command for command in DAEMON_COMMANDS}
TEXTS = [
    (command, parameter)
    for command in DAEMON_COMMANDS
    for parameter in command.params
    if not isinstance(parameter.type, click.Choice | type(click.FLOAT) | type(click.BOOL))
]


def given(command: click.Command, parameter: click.Parameter, value: str) -> list[str]:
    """Arguments for a command, of which one has this value, and others that it needs have some."""
    arguments = [value if one is parameter else "1" for one in command.params if isinstance(one, click.Argument)]
    return arguments if isinstance(parameter, click.Argument) else [f"{parameter.opts[0]}={value}", *arguments]


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(("command", "parameter"), TEXTS, ids=lambda one: str(one.name))
def test_a_text_without_anything_in_it_is_said_to_be_one_and_nobody_is_asked(
    command: click.Command, parameter: click.Parameter, blank: str, tmp_path: Path
) -> None:
    """As from `beatsync stop --deck "$DECK"`, which is not meant for the deck on air where DECK is empty."""
    outcome = CliRunner().invoke(command, given(command, parameter, blank))
    assert isinstance(outcome.exception, UsageError)
    assert str(outcome.exception).startswith(f"{parameter.opts[0]}: expected ")
    assert str(outcome.exception).endswith("got an empty text; is a shell variable empty?")


@pytest.mark.parametrize("name", ["..", "a/../b", "../../lock", "a/..", "?", "#", "%2e%2e"])
@pytest.mark.parametrize("command", ["play --deck", "stop --deck", "mute", "on-air", "cues --deck"])
async def test_a_name_never_leads_to_another_path(command: str, name: str, tmp_path: Path) -> None:
    async with office(tmp_path, TWO_DECKS) as show:
        before = await show.status()
        words = [*command.split(), name, "--socket", str(show.path)]
        outcome = await trio.to_thread.run_sync(CliRunner().invoke, COMMANDS[words[0]], words[1:])
        assert outcome.exception is not None
        assert "there is no" in str(outcome.exception)
        assert (await show.status())["revision"] == before["revision"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("seek -5", "position '-5': expected seconds or minutes:seconds"),
        ("seek --deck a -5", "position '-5': expected seconds or minutes:seconds"),
        ("lead lights", "lead: say how much earlier, for example: beatsync lead lights 40ms"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_daemon_is_asked(words: str, says: str) -> None:
    name, *arguments = words.split()
    outcome = CliRunner().invoke(COMMANDS[name], arguments)
    assert isinstance(outcome.exception, UsageError)
    assert says in str(outcome.exception)


def test_kinds_of_events_are_completed_one_after_another() -> None:
    (option,) = (one for one in COMMANDS["events"].params if one.name == "kinds")
    context = click.Context(COMMANDS["events"])
    assert {item.value for item in option.shell_complete(context, "")} == set(KIND_NAMES)
    assert [item.value for item in option.shell_complete(context, "cue,s")] == ["cue,section"]
    assert all(kind in str(option.to_info_dict()["help"]) for kind in KIND_NAMES)
