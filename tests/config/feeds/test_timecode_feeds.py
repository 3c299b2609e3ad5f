"""Timecode and DJ feeds as a configuration writes them: what is left out, what is refused, and with which words."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from beatsync.config.feeds.artnet import ArtnetModel, FollowArtnet
from beatsync.config.feeds.ltc import AudioFile, AudioInput, FollowLtc, LtcModel, RawPcm
from beatsync.config.feeds.midi import ExistingPort, VirtualPort
from beatsync.config.feeds.midi_clock import FollowMidiClock, MidiClockModel
from beatsync.config.feeds.mtc import FollowMtc, MtcModel
from beatsync.config.feeds.prodj import FollowProDjLink, ProDjModel
from beatsync.config.yaml_text import read_yaml
from beatsync.core.observation import Following, WhenLost
from beatsync.core.timecode import EBU, FILM, NON_DROP, NTSC_FILM, SMPTE, FrameRate, Timecode
from beatsync.core.timecode_map import one_track
from beatsync.core.units import ms

MODELS: dict[str, type[BaseModel]] = {
    "artnet": ArtnetModel,
    "mtc": MtcModel,
    "midi_clock": MidiClockModel,
    "ltc": LtcModel,
    "prodj": ProDjModel,
}
FOLDER = Path("/show")
ONE_O_CLOCK = one_track(Timecode(1, 0, 0, 0))


def read(text: str) -> BaseModel:
    """The model of `artnet: {...}`."""
    ((name, keys),) = read_yaml(text.encode()).value.items()
    return MODELS[name].model_validate(keys)


def artnet(keys: str = "") -> FollowArtnet:
    model = read(f"artnet: {{{keys}}}")
    assert isinstance(model, ArtnetModel)
    return model.choice(Path())


def ltc(keys: str) -> FollowLtc:
    model = read(f"ltc: {{{keys}}}")
    assert isinstance(model, LtcModel)
    return model.choice(FOLDER)


def mtc(keys: str) -> FollowMtc:
    model = read(f"mtc: {{{keys}}}")
    assert isinstance(model, MtcModel)
    return model.choice(Path())


def test_what_is_left_out_of_artnet_is_as_usual() -> None:
    assert artnet() == FollowArtnet()
    assert artnet().port == 6454


def test_every_key_of_artnet() -> None:
    written = 'stream: 3, host: 2.0.0.1, port: 6455, senders: [10.0.0.9, 10.1.0.0/16], starts_at: "01:00:00:00"'
    assert artnet(f"{written}, varispeed: true, pull_down: true, freewheel: 4s, offset: -20ms") == FollowArtnet(
        stream=3,
        host="2.0.0.1",
        port=6455,
        senders=(ip_network("10.0.0.9"), ip_network("10.1.0.0/16")),
        tracks=ONE_O_CLOCK,
        pull_down=True,
        varispeed=True,
        following=Following(offset=ms(-20), freewheel=ms(4000), when_lost=WhenLost.HOLD),
    )


@pytest.mark.parametrize(
    ("keys", "freewheel", "when_lost"),
    [
        ("", 2000, WhenLost.HOLD),
        ("sync: freewheel", 2000, WhenLost.HOLD),
        ("sync: freewheel, freewheel: 500ms, when_lost: stop", 500, WhenLost.STOP),
        ("sync: strict", 250, WhenLost.HOLD),
        ("sync: strict, when_lost: stop", 250, WhenLost.STOP),
        ("sync: jam-sync", 2000, WhenLost.CONTINUE),
        ("sync: jam-sync, freewheel: 1s", 1000, WhenLost.CONTINUE),
    ],
)
def test_the_words_of_timecode_equipment(keys: str, freewheel: int, when_lost: WhenLost) -> None:
    following = artnet(keys).following
    assert (following.freewheel, following.when_lost) == (ms(freewheel), when_lost)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [("23.976", NTSC_FILM), ("24", FILM), ("25", EBU), ("25.0", EBU), ("29.97", NON_DROP), ("30", SMPTE)],
)
def test_frame_rates_of_ltc(fps: str, rate: FrameRate) -> None:
    assert ltc(f"device: USB, fps: {fps}").fps == rate


def test_ltc_from_an_input_and_from_a_file() -> None:
    assert ltc("device: USB Audio, channel: 2, fps: 25").audio == AudioInput("USB Audio")
    assert ltc("device: default, fps: 25").audio == AudioInput(None)
    assert ltc("file: tape.wav, fps: 25").audio == AudioFile(FOLDER / "tape.wav")
    raw = ltc("file: /run/tape, fps: 25, channel: 2, raw: {rate: 44100, channels: 2, bits: 24}").audio
    assert raw == AudioFile(Path("/run/tape"), RawPcm(44_100, 2, 24))


def test_midi_from_a_port_that_is_there_and_from_one_that_is_made() -> None:
    assert mtc("port: USB MIDI").port == ExistingPort("USB MIDI")
    assert mtc('virtual: beatsync, starts_at: "01:00:00;00"') == FollowMtc(
        port=VirtualPort("beatsync"), tracks=ONE_O_CLOCK
    )
    clock = read("midi_clock: {port: USB MIDI, freewheel: 1s}")
    assert isinstance(clock, MidiClockModel)
    assert clock.choice(Path()) == FollowMidiClock(
        port=ExistingPort("USB MIDI"),
        following=Following(freewheel=ms(1000), when_lost=WhenLost.HOLD),
    )


def test_pro_dj_link_needs_the_number_of_a_player() -> None:
    player = read("prodj: {device: 2}")
    assert isinstance(player, ProDjModel)
    assert player.choice(Path()) == FollowProDjLink(device=2)


REFUSED = [
    ("artnet: {starts_at: 10:00:00:00}", 'YAML reads 10:00:00:00 so); quote it: "10:00:00:00"'),
    ("artnet: {starts_at: 3600}", 'expected a timecode as text, such as "01:00:00:00", got the integer 3600'),
    ('artnet: {starts_at: "1:00:00"}', "expected hours:minutes:seconds:frames, such as 01:00:00:00, got '1:00:00'"),
    ('artnet: {starts_at: "00:00:00:30"}', "has 30 frames; expected at most 29"),
    ("artnet: {stream: 256}", "less than or equal to 255"),
    ("artnet: {sync: chase}", "'strict', 'freewheel' or 'jam-sync'"),
    ("artnet: {sync: strict, freewheel: 2s}", "sync: strict has no freewheel; remove one of the two"),
    ("artnet: {sync: jam-sync, when_lost: stop}", "sync: jam-sync always goes on; remove it, or when_lost"),
    (
        "artnet: {host: desk}",
        "expected an address of this machine as text, such as 127.0.0.1, or 0.0.0.0 for all of them, got 'desk'",
    ),
    ("artnet: {senders: desk}", "expected the address of a sender as text"),
    ("artnet: {senders: []}", "expected an address or a list of them, got an empty list"),
    ("mtc: {}", 'expected port: "USB MIDI", or virtual: beatsync to make one; got neither'),
    ("mtc: {port: a, virtual: b}", "got both"),
    ("midi_clock: {port: 3}", "expected text, got the integer 3"),
    ("ltc: {fps: 25}", 'expected device, such as device: "USB Audio", or file; got neither'),
    ("ltc: {device: USB}", "Field required"),
    ("ltc: {device: USB, fps: 26}", "expected one of 23.976, 24, 25, 29.97 and 30, got the integer 26"),
    ("ltc: {device: USB, fps: true}", "got the boolean true"),
    ("ltc: {device: USB, fps: 25, raw: {rate: 48000}}", "raw is for a file; remove it"),
    ("ltc: {file: a, fps: 25, channel: 2, raw: {rate: 48000}}", "channel 2 of 1; set raw.channels"),
    ("ltc: {device: USB, fps: 25, channel: 0}", "greater than or equal to 1"),
    ("prodj: {}", "Field required"),
    ("prodj: {device: 2, stream: 1}", "Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("text", "complaint"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_cannot_be_meant_is_refused_in_words_that_help(text: str, complaint: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(text)
    assert any(complaint in problem["msg"] for problem in refused.value.errors())


GOOD = [
    'artnet: {stream: 0, starts_at: "01:00:00:00", senders: 10.0.0.0/8}',
    'mtc: {port: "USB MIDI", sync: strict}',
    "midi_clock: {virtual: beatsync}",
    "ltc: {device: default, channel: 1, fps: 29.97}",
    "ltc: {file: tape.raw, raw: {rate: 48000, bits: 24}, fps: 25}",
    "prodj: {device: 2}",
]


@pytest.mark.parametrize("text", GOOD)
def test_editors_are_told_the_same(text: str) -> None:
    ((name, keys),) = read_yaml(text.encode()).value.items()
    jsonschema.Draft202012Validator(MODELS[name].model_json_schema()).validate(keys)
    read(text)


@pytest.mark.parametrize("text", ["ltc: {device: USB, fps: 26}", 'artnet: {starts_at: "one"}', "prodj: {device: 0}"])
def test_editors_are_warned_of_the_same(text: str) -> None:
    ((name, keys),) = read_yaml(text.encode()).value.items()
    assert not jsonschema.Draft202012Validator(MODELS[name].model_json_schema()).is_valid(keys)
