"""docs/control.md is true: its examples do what they say to a real daemon, and its table is the program's."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
import trio
from trio.testing import MockClock

from beatsync.commands.daemon_commands import DAEMON_COMMANDS
from beatsync.control.openapi import STATUSES
from beatsync.control.osc.messages import read_command
from beatsync.control.readings import READINGS
from beatsync.control.refusing import ANSWERS, CODES
from beatsync.control.ring import KIND_NAMES
from beatsync.control.table import COMMANDS, QUIT, Scope
from beatsync.core.osc_reading import OscMessage
from tests.control.office import TOKEN, Office, complaint, office
from tests.control.test_events import listening
from tests.needs import needs
from tests.system.oscdump import write_track
from tests.system.program import environment, running
from tests.system.shows import short_document

PAGE = (Path(__file__).parent.parent.parent / "docs" / "control.md").read_text()
EXAMPLES = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
SHOW = """
decks:
  a: {setlist: [long.json, song.json]}
  b: {track: long.json}
targets: {lights: {url: 'osc.udp://127.0.0.1:9', safe: [{address: /dark}]}}
"""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A folder in a runtime directory, with a path no longer than there: those of sockets are bounded."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "beatsync"
        folder.mkdir(mode=0o700)
        yield folder


def test_every_example_does_what_it_says(tmp_path: Path, runtime: Path) -> None:
    """With curl and with the command line, one after another, as they stand in the page."""
    curl = needs("curl", "curl")
    write_track(tmp_path, short_document(seconds=90.0))
    (tmp_path / "track.json").rename(tmp_path / "long.json")
    (tmp_path / "song.json").write_text(short_document(seconds=60.0))
    (tmp_path / "show.yaml").write_text(SHOW)
    folder = Path(sys.executable).parent
    env = environment(tmp_path, XDG_RUNTIME_DIR=str(runtime.parent), PATH=f"{folder}:{os.environ['PATH']}")
    del env["BEATSYNC_SOCKET"]
    with running(tmp_path / "show.yaml", env={**env, "BEATSYNC_SOCKET": str(runtime / "control.sock")}) as run:
        run.wait_for("armed")
        run.wait_for("target")  # the API is served
        assert len(EXAMPLES) > 35
        assert curl
        for example in EXAMPLES:
            _run(example, env, tmp_path)


def _run(example: str, env: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", example], env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert '"error"' not in done.stdout, f"{example}: {done.stdout}"
    assert done.stderr == "", f"{example}: {done.stderr}"
    assert done.returncode in ({124} if example.startswith("timeout") else {0}), example
    assert done.stdout, example


def test_the_table_has_every_command_by_each_of_its_ways() -> None:
    for entry in (*COMMANDS, QUIT):
        assert f"`{entry.paths[0]}`" in PAGE
        if entry is not QUIT:
            assert f"`{entry.osc_addresses[0]}" in PAGE
    for reading in READINGS:
        if reading.name != "track":
            assert reading.paths[-1] in PAGE


def test_every_command_of_the_command_line_that_talks_to_the_daemon_is_in_the_page() -> None:
    for command in DAEMON_COMMANDS:
        assert f"beatsync {command.name}" in PAGE
        for parameter in command.params:
            assert len(parameter.opts) >= 1


def section(title: str) -> str:
    """What stands under a heading of the page."""
    return PAGE.partition(f"# {title}\n")[2].partition("\n#")[0]


def rows(title: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip(" `") for cell in line.strip("| ").split(" | ")] for line in lines[1:]]


KINDS = {kind: set(re.findall(r"`(\w+)`", what)) for kind, what in map(tuple, rows("Events"))}
ANSWERED = {(int(status), code) for status, code, _ in map(tuple, rows("When something is wrong"))}


async def test_every_kind_of_event_in_the_page_can_be_chosen_and_there_is_no_other(tmp_path: Path) -> None:
    assert set(KINDS) == set(KIND_NAMES)
    async with office(tmp_path) as show:
        for chosen in (*KINDS, ",".join(KINDS), ", ".join(KINDS)):
            async with show.client.stream("GET", "/v1/events", params={"kinds": chosen}) as answer:
                assert answer.status_code == 200, chosen


async def test_every_kind_of_event_has_the_fields_that_the_page_names(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with office(tmp_path) as show, listening(show, last_event_id="another-1") as listener:
        told = dict([await listener.next()])
        show.booth.rig.recorders["lights"].fault = "refused: nothing listens there"
        await show.tell("play")
        await show.tell("lock")
        while set(told) != set(KINDS):
            kind, event = await listener.next()
            told[kind] = event
        for kind, event in told.items():
            assert KINDS[kind] <= set(event), kind
            assert ("at" in event) is (kind != "lost")


async def test_whoever_chooses_lost_is_told_of_what_is_lost_and_nothing_else(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with office(tmp_path) as show, listening(show, "?kinds=lost", last_event_id="another-1") as listener:
        await show.tell("play")
        assert await listener.next() == ("lost", {"event": "lost", "count": None})
        assert show.booth.ring.count > 0
        with trio.move_on_after(5) as silence:
            await listener.next()
        assert silence.cancelled_caught


@pytest.mark.parametrize("written", re.findall(r"`(/beatsync/[^`]+)`", PAGE))
def test_every_osc_message_of_the_page_is_taken(written: str) -> None:
    address, *rest = shlex.split(written.replace("{deck}", "a").replace("{target}", "lights"))
    values = tuple(float(value) if rest[0] in {",f", ",i"} else value for value in rest[1:])
    assert read_command(OscMessage(address, "", values)).entry in COMMANDS


def test_the_command_line_has_a_command_for_whatever_people_command() -> None:
    """Faders and flags are for machines; `quit` is `stop --all`."""
    names = {command.name for command in DAEMON_COMMANDS}
    machines = {"fader", "flag"}
    assert {entry.name for entry in COMMANDS} - machines <= names
    with_deck = {command.name for command in DAEMON_COMMANDS if any("--deck" in one.opts for one in command.params)}
    assert {entry.name for entry in COMMANDS if entry.scope is Scope.DECK} - machines - {"on-air"} <= with_deck


def test_the_error_that_is_shown_has_a_code_that_there_is() -> None:
    (code,) = re.findall(r'"code": "(\w+)"', PAGE)
    assert code in CODES


def test_the_table_of_errors_is_the_program_s() -> None:
    assert ANSWERED == ANSWERS
    assert {str(status) for status, _ in ANSWERED} - {"405"} == set(STATUSES)


async def test_every_answer_of_the_table_is_given_where_the_table_says(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """All but those of a fault of ours."""
    key = {"idempotency_key": "once"}
    async with office(tmp_path, token=TOKEN) as show, show.over_tcp(authorization=f"Bearer {TOKEN}") as client:
        answers = [
            await show.tell("seek", {"position": -1}),
            await client.post("/v1/play", headers={"authorization": "Bearer wrong"}),
            await client.post("/v1/play", headers={"host": "evil.example"}),
            await show.tell("decks/nowhere/play"),
            await show.client.get("/v1/play"),
            await _slow(show),
            await show.tell("next"),
            await show.tell("play", if_match="an-old-one"),
            await show.client.post("/v1/play", content=b" " * (64 * 1024 + 1)),
            await client.post("/v1/seek", content=b"{}", headers={"content-type": "text/plain"}),
            *[await show.tell("seek", {"position": place}, **key) for place in (1, 2)][1:],
            await show.tell("load", {"track": "none.json"}),
        ]
        show.booth.written = "decks: {}"
        answers.append(await show.tell("reload"))
    given = {complaint(answer)[:2] for answer in answers}
    assert {(503, "busy"), (503, "unavailable"), (500, "fault"), (422, "track")} == ANSWERED - given
    assert given < ANSWERED


async def _slow(show: Office) -> httpx.Response:
    """Of a request whose body does not come."""

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await trio.sleep(5)

    return await show.client.post("/v1/play", content=body())
