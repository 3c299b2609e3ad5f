"""OSC feeds as a configuration writes them."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import jsonschema
import pytest

from beatsync.config.feeds.osc import OscModel
from beatsync.config.feeds.osc_dialect import Meaning, OscSettings, Peer, Role
from beatsync.config.feeds.osc_presets import PRESETS
from beatsync.core.observation import Accuracy, Character, Following, RateKnowledge, WhenLost
from beatsync.core.osc import check_address
from beatsync.core.position_units import PositionUnit
from beatsync.core.timecode_text import FRAME_RATES
from beatsync.core.units import ms
from tests.config.feeds.shapes import model_of, problems


def settings(text: str) -> OscSettings:
    made = model_of(OscModel, text).choice(Path())
    assert isinstance(made, OscSettings)
    return made


def test_three_keys_make_a_feed() -> None:
    feed = settings("port: 9000, address: /position, unit: s")
    assert (feed.name, feed.port, feed.host, feed.peer, feed.senders) == ("osc port 9000", 9000, "0.0.0.0", None, ())
    assert feed.dialect.meanings == (Meaning(role=Role.POSITION, addresses=("/position",)),)
    assert feed.dialect.unit is PositionUnit.SECONDS
    assert feed.dialect.character == Character(accuracy=Accuracy.B, interval=ms(100))
    assert feed.following == Following()


def test_every_key_finds_its_place() -> None:
    feed = settings(
        'port: 7001, host: 127.0.0.1, senders: [10.0.0.7, 10.1.0.0/16], deck: 2, address: "/d/{deck}/t", '
        "unit: timecode, fps: 29.97, argument: 3, play: /p, pause: /q, rate: /r, track: /n, jump: /j, interval: 20ms, "
        "silence: pause, "
        "offset: -160ms, freewheel: 2s, when_lost: hold, pre_roll: 4, confirm: 3",
    )
    assert feed.host == "127.0.0.1"
    assert feed.senders == (ip_network("10.0.0.7"), ip_network("10.1.0.0/16"))
    assert {meaning.role: (meaning.addresses, meaning.argument) for meaning in feed.dialect.meanings} == {
        Role.POSITION: (("/d/2/t",), 3),
        Role.PLAYING: (("/p",), 0),
        Role.PAUSED: (("/q",), 0),
        Role.RATE: (("/r",), 0),
        Role.TITLE: (("/n",), 0),
        Role.JUMP: (("/j",), 0),
    }
    assert feed.dialect.frame_rate == FRAME_RATES["29.97"]
    assert feed.dialect.character == Character(
        accuracy=Accuracy.B,
        interval=ms(20),
        quantum=ms(33.366667),
        rate=RateKnowledge.REPORTED,
        states_playing=True,
        silence_is_pause=True,
    )
    assert feed.following == Following(
        offset=ms(-160),
        freewheel=ms(2000),
        when_lost=WhenLost.HOLD,
        pre_roll=4,
        confirm=3,
    )


@pytest.mark.parametrize(
    ("keys", "accuracy", "rate"),
    [
        ("interval: 16ms", Accuracy.A, RateKnowledge.FIXED),
        ("interval: 100ms, varispeed: true", Accuracy.B, RateKnowledge.INFERRED),
        ("interval: 1s", Accuracy.C, RateKnowledge.FIXED),
    ],
)
def test_a_feed_promises_what_its_interval_allows(keys: str, accuracy: Accuracy, rate: RateKnowledge) -> None:
    character = settings(f"port: 9000, address: /t, unit: s, {keys}").dialect.character
    assert (character.accuracy, character.rate) == (accuracy, rate)


def test_a_preset_knows_its_player() -> None:
    feed = settings("preset: rkbx_link, deck: 2, offset: 12ms")
    assert (feed.name, feed.port, feed.peer) == ("rkbx_link port 4460", 4460, None)
    assert feed.dialect.meanings[0].addresses == ("/2/time", "/time/2")
    assert feed.dialect.character.silence_is_pause
    assert feed.following.offset == ms(12)


def test_a_player_that_is_asked_is_on_this_machine_unless_said_otherwise() -> None:
    assert settings("preset: qlab").peer == Peer("127.0.0.1", 53000)
    assert settings("preset: qlab, peer: 10.0.0.5").peer == Peer("10.0.0.5", 53000)
    assert settings('preset: abletonosc, peer: "studio:11002"').peer == Peer("studio", 11002)
    feed = settings('preset: qlab, cue: "12.5", peer: "10.0.0.5:53100", port: 53002')
    assert feed.dialect.requests[1].address == "/cue/12.5/valuesForKeys"
    assert feed.dialect.meanings[0].addresses[0] == "/reply/cue/12.5/valuesForKeys"


def test_presets_use_addresses_that_exist() -> None:
    for name, preset in PRESETS.items():
        dialect = preset.dialect.filled(deck=preset.deck or "", cue=preset.cue or "")
        addresses = [address for meaning in dialect.meanings for address in meaning.addresses]
        for address in [*addresses, *(request.address for request in dialect.requests)]:
            check_address(address)
            assert "{" not in address
        assert bool(dialect.requests) == (preset.peer_port is not None) == bool(dialect.silence_remedy), name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("preset: rkbx", "preset: no preset named 'rkbx' (did you mean 'rkbx_link'?)"),
        ("preset: REAPER", "preset: no preset named 'REAPER' (did you mean 'reaper'?)"),
        ("preset: traktor", "preset: no preset named 'traktor' (presets: position, rkbx_link, reaper, qlab,"),
        ("preset: reaper, unit: s", "preset reaper says that already; remove unit, or the preset"),
        ("preset: virtualdj", "'port' is missing: the port that virtualdj sends to"),
        ("preset: virtualdj, port: 9000", "'peer' is missing: address and port on which virtualdj listens"),
        ("preset: virtualdj, port: 9000, peer: dj", "'peer' is missing: address and port"),
        ("preset: rkbx_link, deck: 5", "deck 5: preset rkbx_link has no such deck; expected one of master, 1, 2, 3, 4"),
        ("preset: reaper, deck: 1", "deck 1: preset reaper has no such deck; remove it"),
        ("preset: reaper, cue: 1", "preset reaper has no cues; remove cue"),
        ("preset: reaper, peer: 10.0.0.1", "preset reaper is not asked: it sends by itself; remove peer"),
        ("preset: qlab, first_beat: 4", "preset qlab does not count in beats; remove first_beat"),
        ("address: /t, unit: s", "'port' is missing: add it, such as port: 9000, or name a preset: position,"),
        ("port: 9000, unit: s", "'address' is missing: add it, such as address: /position"),
        ("port: 9000, address: /t", "'unit' is missing: add it, such as unit: s"),
        ("port: 9000, address: /t, unit: timecode", "unit: timecode needs fps, such as fps: 25"),
        ("port: 9000, address: /t, unit: s, fps: 25", "fps is for unit: timecode; remove it"),
        ("port: 9000, address: /t, unit: s, first_beat: 1", "first_beat is for unit: beats; remove it"),
        ("port: 9000, address: /t, unit: s, peer: 10.0.0.1", "peer is for presets that are asked; remove it"),
        ('port: 9000, address: "/{deck}/t", unit: s', "'deck' is missing: what {deck} in the address stands for"),
        ("port: 9000, address: /t, unit: s, deck: 1", "deck stands for {deck} in an address, and there is none"),
        ("port: 0, address: /t, unit: s", "port: expected a port, 1 to 65535, got 0"),
        ('port: "9000", address: /t, unit: s', "port: expected a port, 1 to 65535, got the text '9000'"),
        ("port: 9000, address: t, unit: s", "address: address 't' does not start with '/'"),
        ('port: 9000, address: "/a b", unit: s', "address: address '/a b' has characters that OSC does not allow"),
        ('port: 9000, address: "/{label}", unit: s', "address: '/{label}' has a {; only {deck} and * stand for"),
        ('port: 9000, address: "/a*b*", unit: s', "address: '/a*b*': at most one * between two slashes"),
        ("port: 9000, address: /t, unit: seconds", "unit: expected a unit: one of s, ms, beats, fraction, timecode"),
        ("port: 9000, address: /t, unit: timecode, fps: 26", "fps: expected a frame rate: one of 23.976, 24, 25,"),
        ("port: 9000, address: /t, unit: s, host: laptop", "host: expected an address of this machine as text"),
        ("port: 9000, address: /t, unit: s, senders: [dj]", "senders: expected the address of a sender as text"),
        ("port: 9000, address: /t, unit: s, silence: end", "silence: expected pause or lost, got the text 'end'"),
        ("port: 9000, address: /t, unit: s, argument: -1", "argument: expected 0 to 255, got the integer -1"),
        ('preset: qlab, peer: "::1"', "peer: '::1': give the player's IPv4 address; it is asked over IPv4"),
        ('preset: qlab, peer: "10.0.0.1:0"', "has the port '0'; expected 1 to 65535"),
        ("preset: qlab, cue: 1.10", 'got the number 1.1; quote it: "1.1"'),
        ('preset: qlab, cue: "a/b"', "cue: 'a/b' cannot stand in an OSC address"),
        ('preset: rkbx_link, deck: "a b"', "deck: expected a deck, such as 2 or master, got 'a b'"),
        ("preset: reaper, offset: 30", "offset: expected a duration with its unit"),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(text: str, says: str) -> None:
    (problem,) = problems(OscModel, text)
    assert says in problem
    assert "\n" not in problem


def test_all_that_is_wrong_with_single_keys_is_said_at_once() -> None:
    assert len(problems(OscModel, "port: 0, address: x, unit: h, fps: 1, senders: me, host: me, peer: [1]")) == 7


@pytest.mark.parametrize(
    "document",
    [
        {"port": 9000, "address": "/position", "unit": "s"},
        {"preset": "rkbx_link", "deck": 2},
        {"preset": "rkbx_link", "deck": "master", "offset": "12ms"},
        {"preset": "qlab", "cue": 12, "peer": "10.0.0.5"},
        {"port": 9000, "address": "/t", "unit": "timecode", "fps": 29.97, "senders": "10.0.0.0/8"},
    ],
)
def test_what_may_be_written_is_in_the_schema(document: dict[str, object]) -> None:
    OscModel.model_validate(document)
    jsonschema.validate(document, OscModel.model_json_schema())


def test_what_may_not_be_written_is_not_in_the_schema() -> None:
    for wrong in ({"port": 70000}, {"unit": "h"}, {"prest": "qlab"}, {"fps": 26}, {"silence": "end"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, OscModel.model_json_schema())
