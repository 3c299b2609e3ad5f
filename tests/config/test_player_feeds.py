"""mpv and MPD as a configuration writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from beatsync.config.feeds.addresses import TcpAddress, UnixAddress
from beatsync.config.feeds.mpd import USUAL_OFFSETS, MpdModel, MpdOutput, MpdServer
from beatsync.config.feeds.mpv import MpvModel, MpvPlayer
from beatsync.config.feeds.passwords import PasswordFile, PasswordVariable
from beatsync.config.problems import problems_of
from beatsync.config.yaml_text import read_yaml
from beatsync.core.observation import Following, WhenLost
from beatsync.core.units import ms

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path("/etc/beatsync")
Keys = Mapping[str, Any]


def mpv(**keys: object) -> MpvPlayer:
    return MpvModel.model_validate(keys).choice(Path())


def mpd(**keys: object) -> MpdServer:
    return MpdModel.model_validate(keys).choice(FOLDER)


def notes(**keys: object) -> list[str]:
    return [str(note) for note in MpdModel.model_validate(keys).notes("clock.feed.mpd")]


def problem(model: type[MpvModel | MpdModel], keys: Keys) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(keys)
    return str(caught.value)


def test_an_mpv_is_its_socket() -> None:
    assert mpv(socket="/run/mpv.sock") == MpvPlayer(UnixAddress("/run/mpv.sock"), Following())
    assert mpv(socket="@mpv").socket == UnixAddress("@mpv")


def test_an_mpv_is_followed_as_the_file_says() -> None:
    following = mpv(socket="/run/mpv.sock", offset="-12ms", freewheel="3s", when_lost="stop", pre_roll=3).following
    assert following == Following(offset=ms(-12), freewheel=ms(3_000), when_lost=WhenLost.STOP, pre_roll=3)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({}, "socket"),
        ({"socket": "mpv.sock"}, "expected an absolute path such as /run/mpv.sock"),
        ({"socket": ""}, "got empty text"),
        ({"socket": "@"}, "expected an absolute path"),
        ({"socket": 5}, "expected an absolute path"),
        ({"socket": "/run/\x00"}, "a NUL"),
        ({"socket": "/" + "x" * 107}, "at most 107 bytes"),
        ({"socket": "/run/mpv.sock", "rate": 1}, "rate"),
    ],
)
def test_what_is_no_mpv_is_said_with_the_remedy(keys: Keys, says: str) -> None:
    assert says in problem(MpvModel, keys)


def test_an_mpd_is_found_where_mpd_usually_is_or_where_the_file_says() -> None:
    assert mpd().address == TcpAddress("127.0.0.1", 6600)
    assert mpd(host="player.local").address == TcpAddress("player.local", 6600)
    assert mpd(host="::1", port=6601).address == TcpAddress("::1", 6601)
    assert str(mpd(host="::1", port=6601).address) == "[::1]:6601"
    assert mpd(socket="/run/mpd/socket").address == UnixAddress("/run/mpd/socket")


@pytest.mark.parametrize(
    ("output", "offset"), [("alsa", -500), ("pulse", -200), ("jack", -160), ("pipewire", -500), ("null", 0)]
)
def test_each_output_has_its_usual_offset(output: str, offset: int) -> None:
    server = mpd(output=output)
    assert (server.following.offset, server.output) == (ms(offset), MpdOutput(output))
    assert notes(output=output) == []


def test_an_offset_that_is_given_is_taken_zero_too() -> None:
    for offset in ("-160ms", "0ms"):
        server = mpd(offset=offset)
        assert server.output is None
        assert notes(offset=offset) == []
    assert mpd(offset="-160ms").following.offset == ms(-160)


def test_without_output_and_offset_alsa_is_assumed_and_that_is_said() -> None:
    assert mpd().following.offset == ms(-500)
    (note,) = notes()
    assert note == (
        "clock.feed.mpd: neither output nor offset is given: taken to play through ALSA, 500 ms ahead of the sound; "
        'say output: alsa, pulse, jack, pipewire or "null", or tune an offset by ear'
    )


def test_a_password_is_named_by_its_place() -> None:
    assert mpd(password_file="mpd-password").password == PasswordFile(FOLDER / "mpd-password")
    assert mpd(password_file="/run/secret").password == PasswordFile(Path("/run/secret"))
    assert mpd(password_variable="MPD_PASSWORD").password == PasswordVariable("MPD_PASSWORD")
    assert mpd().password is None


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"host": "a b"}, "expected a host by name or number"),
        ({"host": 5}, "expected a host by name or number"),
        ({"port": 0}, "port"),
        ({"port": "6600"}, "port"),
        ({"socket": "/run/mpd/socket", "port": 6600}, "expected socket, or host and port, got both"),
        ({"output": "oss"}, "output"),
        ({"output": None}, 'for an output of MPD\'s type null write output: "null"'),
        ({"output": "alsa", "offset": "-500ms"}, "offset and output both say how far MPD is ahead"),
        ({"offset": -500}, "without a unit"),
        ({"password_file": "a", "password_variable": "B"}, "both name the password"),
        ({"password_variable": "not a name"}, "expected the name of an environment variable"),
        ({"password": "hunter2"}, "a password has no place in this file"),
    ],
)
def test_what_is_no_mpd_is_said_with_the_remedy(keys: Keys, says: str) -> None:
    """C8, C10"""
    found = problem(MpdModel, keys)
    assert says in found


MODELS: Mapping[str, type[MpvModel | MpdModel]] = {"mpv": MpvModel, "mpd": MpdModel}


@pytest.mark.parametrize("name", MODELS)
def test_the_examples_that_we_ship_are_good_and_leave_no_doubt(name: str) -> None:
    page = (ROOT / "docs" / "feeds" / f"{name}.md").read_text()
    texts = [*re.findall(r"```yaml\n(.*?)```", page, re.DOTALL), (ROOT / "configs" / f"feed-{name}.yaml").read_text()]
    assert len(texts) >= 2
    for text in texts:
        document: Any = read_yaml(text.encode()).value
        found = MODELS[name].model_validate(document["clock"]["feed"][name])
        assert not isinstance(found, MpdModel) or list(found.notes("")) == []


@pytest.mark.parametrize("name", MODELS)
def test_the_page_of_a_feed_names_every_key(name: str) -> None:
    page = (ROOT / "docs" / "feeds" / f"{name}.md").read_text()
    assert [key for key in MODELS[name].model_fields if f"`{key}`" not in page] == []


def test_the_page_of_mpd_has_the_offsets_that_are_used() -> None:
    page = (ROOT / "docs" / "feeds" / "mpd.md").read_text()
    for output, offset in USUAL_OFFSETS.items():
        written = '"null"' if output is MpdOutput.NULL else output
        assert re.search(rf"^\| `{written}` \| {offset // ms(1)}( ms)? \|", page, re.MULTILINE), output


def test_no_complaint_repeats_a_password() -> None:
    with pytest.raises(ValidationError) as caught:
        MpdModel.model_validate({"password": "hunter2", "port": 0})
    assert "hunter2" not in str(problems_of(caught.value))
