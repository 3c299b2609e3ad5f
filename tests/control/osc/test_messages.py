"""OSC messages to commands. K1, K2."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.control.bodies import Aim
from beatsync.control.osc.messages import NoCommand, Unread, read_command
from beatsync.control.table import COMMANDS, Scope
from beatsync.core.osc_reading import MalformedOsc, OscMessage, read_packet
from beatsync.decks.commands import (
    Command,
    LoadTrack,
    MoveFader,
    Mute,
    Panic,
    Play,
    PutOnAir,
    RaiseFlag,
    SeekTo,
    SetRate,
    SetTargetLead,
    Step,
)
from beatsync.errors import BeatsyncError


def command(address: str, *arguments: object) -> Command:
    """What a message commands."""
    read = read_command(OscMessage(address, "", arguments))  # type: ignore[arg-type]
    return read.body.command(Aim(read.name, Path("/shows"), trusted=False))


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        ("/beatsync/play", (), Play()),
        ("/beatsync/play", (1.0,), Play()),
        ("/beatsync/play", (True,), Play()),
        ("/beatsync/deck/a/play", (), Play("a")),
        ("/beatsync/deck/a/seek", (62.5,), SeekTo(62_500_000_000, "a")),  # type: ignore[arg-type]
        ("/beatsync/seek", (62,), SeekTo(62_000_000_000)),  # type: ignore[arg-type]
        ("/beatsync/next", (1,), Step(1)),
        ("/beatsync/deck/b/previous", (), Step(-1, "b")),
        ("/beatsync/rate", (1.5,), SetRate(1.5)),
        ("/beatsync/deck/b/on_air", (), PutOnAir("b")),
        ("/beatsync/deck/b/on_air", ("bar",), PutOnAir("b", "bar")),  # type: ignore[arg-type]
        ("/beatsync/deck/b/fader", (0.5,), MoveFader(0.5, "b")),
        ("/beatsync/deck/b/flag", (0.0,), RaiseFlag(on=False, deck="b")),
        ("/beatsync/target/lights/lead", (40.5,), SetTargetLead("lights", 40_500_000)),  # type: ignore[arg-type]
        ("/beatsync/target/lights/lead", (-10, 5), SetTargetLead("lights", -10_000_000, 5_000_000)),  # type: ignore[arg-type]
        ("/beatsync/target/lights/mute", (), Mute("lights")),
        ("/beatsync/target/lights/mute", (0,), Mute("lights", on=False)),
        ("/beatsync/panic", (), Panic()),
        ("/beatsync/panic", (False,), Panic(on=False)),
    ],
)
def test_each_message_is_its_command(address: str, arguments: tuple[object, ...], expected: Command) -> None:
    assert command(address, *arguments) == expected


def test_a_track_is_named_by_its_path_in_the_show_s_folder() -> None:
    loaded = command("/beatsync/deck/a/load", "songs/two.json")
    assert isinstance(loaded, LoadTrack)
    assert "songs/two.json" in str(loaded.track)
    with pytest.raises(BeatsyncError, match="show's own folder"):
        command("/beatsync/load", "/etc/passwd")


def test_every_command_of_the_table_has_its_address() -> None:
    for entry in COMMANDS:
        for address in entry.osc_addresses:
            arguments = tuple(entry.example.get(key) for key in entry.body.OSC)
            values = tuple("songs/x.json" if isinstance(one, dict) else one for one in arguments if one is not None)
            named = address.replace("{deck}", "a").replace("{target}", "t")
            read = read_command(OscMessage(named, "", values))  # type: ignore[arg-type]
            assert read.entry is entry
            assert read.name == {Scope.DECK: "a", Scope.TARGET: "t"}.get(entry.scope if "{" in address else Scope.SHOW)


@pytest.mark.parametrize(
    ("address", "arguments", "reason"),
    [
        ("/beatsync/play", (0.0,), Unread.RELEASED),
        ("/beatsync/deck/a/next", (0,), Unread.RELEASED),
        ("/beatsync/stop", (False,), Unread.RELEASED),
        ("/beatsync/quit", (), Unread.STRANGE),
        ("/beatsync/deck/a/b/play", (), Unread.STRANGE),
        ("/beatsync/deck//play", (), Unread.STRANGE),
        ("/Beatsync/play", (), Unread.STRANGE),
        ("/beatsync/play/", (), Unread.STRANGE),
        ("/beatsync/fader", (1.0,), Unread.STRANGE),
        ("/beatsync/play", ("now",), Unread.ARGUMENTS),
        ("/beatsync/play", (1.0, 2.0), Unread.ARGUMENTS),
        ("/beatsync/seek", (), Unread.ARGUMENTS),
        ("/beatsync/seek", ("1:02",), Unread.ARGUMENTS),
        ("/beatsync/seek", (float("nan"),), Unread.ARGUMENTS),
        ("/beatsync/seek", (float("inf"),), Unread.ARGUMENTS),
        ("/beatsync/seek", (-1.0,), Unread.ARGUMENTS),
        ("/beatsync/seek", (True,), Unread.ARGUMENTS),
        ("/beatsync/seek", (b"blob",), Unread.ARGUMENTS),
        ("/beatsync/seek", (None,), Unread.ARGUMENTS),
        ("/beatsync/panic", (0.5,), Unread.ARGUMENTS),
        ("/beatsync/panic", ("off",), Unread.ARGUMENTS),
        ("/beatsync/target/x/lead", ("soon",), Unread.ARGUMENTS),
        ("/beatsync/target/x/lead", (99_999.0,), Unread.ARGUMENTS),
        ("/beatsync/deck/b/fader", (1.01,), Unread.ARGUMENTS),
        ("/beatsync/lock", (1, 1, 1), Unread.ARGUMENTS),
    ],
)
def test_what_commands_nothing_says_why(address: str, arguments: tuple[object, ...], reason: Unread) -> None:
    """K1"""
    with pytest.raises(NoCommand) as caught:
        command(address, *arguments)
    assert caught.value.reason is reason


ADDRESSES = st.sampled_from(
    [address for entry in COMMANDS for address in entry.osc_addresses] + ["/beatsync/", "/", "/beatsync/deck/a"]
)
ARGUMENTS = st.lists(
    st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.booleans(), st.none()), max_size=4
)


@given(address=st.one_of(ADDRESSES, st.text().map("/{}".format)), arguments=ARGUMENTS)
def test_whatever_arrives_is_a_command_or_none_and_never_an_error(address: str, arguments: list[object]) -> None:
    """K1"""
    with suppress(NoCommand, BeatsyncError):
        command(address, *arguments)


@given(st.binary(max_size=300))
def test_whatever_bytes_arrive_they_are_read_or_refused(data: bytes) -> None:
    """K1, K2"""
    for packet in (data, b"#bundle\0" + bytes(8) + data, b"/beatsync/play\0\0," + data):
        with suppress(MalformedOsc, NoCommand, BeatsyncError):
            for message in read_packet(packet):
                read_command(message)
