"""Which names on a bus are players, and where a bus is."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.mpris.addresses import USUAL_SYSTEM_BUS, socket_of_bus
from beatsync.feeds.mpris.names import MOST_PLAYERS, PREFIX, player_of, players_among

ON_THE_BUS = [
    "org.freedesktop.DBus",
    ":1.7",
    "org.mpris.MediaPlayer2.vlc",
    "org.mpris.MediaPlayer2.mpv.instance4711",
    "org.mpris.MediaPlayer2.mpv",
    "org.mpris.MediaPlayer2.mpvish",
    "org.mpris.MediaPlayer2.playerctld",
    "org.mpris.MediaPlayer2X.mpv",
]


def found(wanted: str | None, names: object = None) -> list[str]:
    return [player_of(name) for name in players_among(ON_THE_BUS if names is None else names, wanted)]


def test_a_name_means_the_player_and_all_its_instances() -> None:
    assert found("mpv") == ["mpv", "mpv.instance4711"]
    assert found("MPV") == ["mpv", "mpv.instance4711"]


def test_a_name_with_its_instance_means_that_one() -> None:
    assert found("mpv.instance4711") == ["mpv.instance4711"]


def test_without_a_name_every_player_is_meant_but_not_what_stands_for_others() -> None:
    assert found(None) == ["mpv", "mpv.instance4711", "mpvish", "vlc"]
    assert found("playerctld") == ["playerctld"]


def test_nobody_is_nobody() -> None:
    assert found("spotify") == []
    assert found(None, names=[]) == []


def test_a_thousand_players_are_cut_to_what_can_be_looked_at() -> None:
    assert len(found(None, names=[f"{PREFIX}p{n}" for n in range(1_000)])) == MOST_PLAYERS


@given(st.none() | st.integers() | st.lists(st.none() | st.integers() | st.text() | st.text().map(PREFIX.__add__)))
def test_no_list_of_names_is_too_strange(names: object) -> None:
    assert len(players_among(names, None)) <= MOST_PLAYERS


def test_the_session_bus_is_where_the_environment_says() -> None:
    env = {"DBUS_SESSION_BUS_ADDRESS": "tcp:host=localhost,port=7;unix:path=/run/my%20bus,guid=00"}
    assert socket_of_bus("session", env) == "/run/my bus"


def test_without_an_address_it_is_where_systemd_has_it() -> None:
    assert socket_of_bus("session", {"XDG_RUNTIME_DIR": "/run/user/1000"}) == "/run/user/1000/bus"


def test_the_system_bus_has_a_usual_place() -> None:
    assert socket_of_bus("system", {}) == USUAL_SYSTEM_BUS.partition("=")[2]
    assert socket_of_bus("system", {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/x"}) == "/x"


def test_an_address_is_used_as_it_is_written() -> None:
    assert socket_of_bus("unix:abstract=/tmp/dbus-x", {}) == "\0/tmp/dbus-x"


def test_a_bus_that_nobody_has_named_is_said_with_the_remedy() -> None:
    with pytest.raises(FeedTrouble, match=r"no session bus: .* say where it is, such as bus: unix:path=/run/user"):
        socket_of_bus("session", {})


@pytest.mark.parametrize("address", ["tcp:host=localhost,port=7", "autolaunch:", "unix:", "unix:path=", ";;;", "x"])
def test_a_bus_that_is_no_unix_socket_is_refused(address: str) -> None:
    with pytest.raises(FeedTrouble, match="no Unix socket"):
        socket_of_bus("session", {"DBUS_SESSION_BUS_ADDRESS": address})


@given(st.text(min_size=1))
def test_no_address_is_too_strange(address: str) -> None:
    with suppress(FeedTrouble):
        assert socket_of_bus("session", {"DBUS_SESSION_BUS_ADDRESS": address})
