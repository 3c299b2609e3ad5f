"""MPRIS and VLC as a configuration writes them: what is left out, what is refused, and with which words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from beatsync.config.feeds.addresses import TcpAddress
from beatsync.config.feeds.mpris import MprisModel, MprisPlayer
from beatsync.config.feeds.passwords import PasswordFile, PasswordVariable
from beatsync.config.feeds.vlc import VlcModel, VlcPlayer
from beatsync.config.yaml_text import read_yaml
from beatsync.core.observation import Following, WhenLost
from beatsync.core.units import ms

FOLDER = Path("/show")
MODELS: dict[str, type[BaseModel]] = {"mpris": MprisModel, "vlc": VlcModel}


def read(text: str) -> BaseModel:
    """The model of `mpris: {...}`."""
    ((name, keys),) = read_yaml(text.encode()).value.items()
    return MODELS[name].model_validate(keys)


def mpris(keys: str = "") -> MprisPlayer:
    model = read(f"mpris: {{{keys}}}")
    assert isinstance(model, MprisModel)
    return model.choice(Path())


def vlc(keys: str = "") -> VlcPlayer:
    model = read(f"vlc: {{{keys}}}")
    assert isinstance(model, VlcModel)
    return model.choice(FOLDER)


def test_what_is_left_out_of_mpris_is_as_usual() -> None:
    assert mpris() == MprisPlayer(None, "session", Following())


def test_a_player_may_be_written_with_its_whole_name() -> None:
    assert mpris("player: org.mpris.MediaPlayer2.mpv") == mpris("player: mpv")


@pytest.mark.parametrize(
    "bus", ["session", "system", '"unix:path=/run/user/1000/bus"', '"unix:abstract=/tmp/x,guid=00ff"']
)
def test_a_bus_is_one_of_two_or_an_address(bus: str) -> None:
    assert mpris(f"bus: {bus}").bus == bus.strip('"')


def test_how_it_is_followed_is_said_as_for_every_feed() -> None:
    assert mpris("offset: -20ms, when_lost: stop").following == Following(offset=ms(-20), when_lost=WhenLost.STOP)
    assert vlc("freewheel: 3s").following == Following(freewheel=ms(3_000))


def test_what_is_left_out_of_vlc_is_as_usual() -> None:
    assert vlc() == VlcPlayer(address=TcpAddress("127.0.0.1", 8080), password=PasswordVariable("VLC_PASSWORD"))


def test_a_password_is_in_a_file_beside_the_configuration_or_anywhere() -> None:
    assert vlc("password_file: vlc.txt").password == PasswordFile(Path("/show/vlc.txt"))
    assert vlc("password_file: /etc/vlc").password == PasswordFile(Path("/etc/vlc"))


def test_a_password_is_in_a_variable() -> None:
    assert vlc("password_variable: MINE").password == PasswordVariable("MINE")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("mpris: {player: 'two words'}", "playerctl --list-all shows their names"),
        ("mpris: {player: 12}", "the name of a player"),
        ("mpris: {bus: 'tcp:host=x'}", "session, system, or an address such as unix:path="),
        ("mpris: {players: mpv}", "players"),
        ("vlc: {password: hunter2}", "a password has no place in this file"),
        ("vlc: {password_file: a, password_variable: B}", "both name the password; remove one"),
        ("vlc: {password_variable: 'not a name'}", "the name of an environment variable, such as PLAYER_PASSWORD"),
        ("vlc: {port: 0}", "greater than or equal to 1"),
        ("vlc: {host: 'http://x'}", "a host by name or number"),
    ],
)
def test_what_is_refused_says_what_was_expected(text: str, complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(text)
    assert complaint in str(refusal.value)


def test_a_password_in_the_wrong_key_is_not_shown() -> None:
    with pytest.raises(ValidationError) as refusal:
        read("vlc: {password_variable: hunter2!}")
    assert all("hunter2" not in error["msg"] for error in refusal.value.errors())


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("mpris", {}),
        ("mpris", {"player": "mpv", "bus": "unix:path=/run/user/1000/bus", "offset": "10ms"}),
        ("vlc", {"host": "10.0.0.5", "port": 9090, "password_file": "/etc/beatsync/vlc-password"}),
    ],
)
def test_editors_accept_what_we_accept(name: str, keys: dict[str, object]) -> None:
    jsonschema.validate(keys, MODELS[name].model_json_schema())
    MODELS[name].model_validate(keys)


ROOT = Path(__file__).parent.parent.parent


def feed_in(text: str) -> str:
    """The one feed of a configuration, as `mpris: {...}`."""
    return json.dumps(read_yaml(text.encode()).value["clock"]["feed"])


@pytest.mark.parametrize("name", ["mpris", "vlc"])
def test_the_configuration_that_we_ship_is_good(name: str) -> None:
    text = (ROOT / "configs" / f"feed-{name}.yaml").read_text()
    assert isinstance(read(feed_in(text)), MODELS[name])


@pytest.mark.parametrize("name", ["mpris", "vlc"])
def test_the_page_has_examples_that_load_and_names_every_key(name: str) -> None:
    page = (ROOT / "docs" / "feeds" / f"{name}.md").read_text()
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert examples
    for example in examples:
        read(feed_in(example))
    assert [key for key in MODELS[name].model_fields if f"`{key}`" not in page] == []
