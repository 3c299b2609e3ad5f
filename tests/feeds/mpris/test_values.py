"""What players say in their properties becomes values of our own, whatever they say."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.transport import rate_of
from beatsync.core.units import NS_PER_SECOND, DurationNs, TrackNs, ms
from beatsync.feeds.mpris.values import (
    BAD_LENGTH,
    BAD_METADATA,
    BAD_POSITION,
    BAD_RATE,
    BAD_STATUS,
    plain,
    snapshot_of,
)
from beatsync.feeds.polled_player import LEAST_RATE, MOST_RATE, Snapshot, Status

OF_MPV = {
    "PlaybackStatus": ("s", "Playing"),
    "LoopStatus": ("s", "None"),
    "Rate": ("d", 1.25),
    "Shuffle": ("b", True),
    "Metadata": (
        "a{sv}",
        {
            "xesam:url": ("s", "file:///music/J%C3%B3%20%23.flac"),
            "mpris:trackid": ("o", "/0"),
            "xesam:title": ("s", "Jó"),
            "xesam:artist": ("as", ["A", "B"]),
            "mpris:length": ("x", 180_729_977),
        },
    ),
    "Position": ("x", 1_793_433),
}


def track(**metadata: tuple[str, object]) -> Snapshot:
    return snapshot_of({"Metadata": ("a{sv}", {key.replace("_", ":", 1): value for key, value in metadata.items()})})


def test_an_answer_of_mpv_is_read_whole() -> None:
    assert snapshot_of(OF_MPV) == Snapshot(
        status=Status.PLAYING,
        position=TrackNs(1_793_433_000),
        rate=rate_of(1.25),
        track=TrackHint(
            id="/0", file="/music/Jó #.flac", title="Jó", artist="A, B", duration=DurationNs(180_729_977_000)
        ),
        loops=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PlaybackStatus", ("s", "playing"), BAD_STATUS),
        ("PlaybackStatus", ("as", ["Playing"]), BAD_STATUS),
        ("Position", ("d", math.nan), BAD_POSITION),
        ("Position", ("d", -math.inf), BAD_POSITION),
        ("Position", ("t", 2**64 - 1), BAD_POSITION),
        ("Position", ("s", "12"), BAD_POSITION),
        ("Position", ("b", True), BAD_POSITION),
        ("Rate", ("d", 0.0), BAD_RATE),
        ("Rate", ("d", -1.0), BAD_RATE),
        ("Rate", ("d", math.inf), BAD_RATE),
        ("Rate", ("d", 1e300), BAD_RATE),
        ("Metadata", ("s", "a song"), BAD_METADATA),
        ("Metadata", ("a{sv}", {"mpris:length": ("x", -1)}), BAD_LENGTH),
    ],
)
def test_what_makes_no_sense_is_named_and_left_out(name: str, value: object, reason: str) -> None:
    """F7"""
    assert snapshot_of({name: value}) == Snapshot(unread=(reason,))


def test_what_is_not_said_is_not_known() -> None:
    assert snapshot_of({}) == Snapshot()
    assert snapshot_of(None) == Snapshot()
    assert snapshot_of({"Position": 12}) == Snapshot()


@pytest.mark.parametrize("number", [("x", 5_000_000), ("t", 5_000_000), ("d", 5e6), ("i", 5_000_000)])
def test_lengths_and_positions_come_in_every_type_of_number(number: object) -> None:
    said = snapshot_of({"Position": number, "Metadata": ("a{sv}", {"mpris:length": number})})
    assert said.position == TrackNs(ms(5_000))
    assert said.track == TrackHint(duration=ms(5_000))


def test_a_length_of_0_is_not_known() -> None:
    assert track(mpris_length=("x", 0)) == Snapshot()


@pytest.mark.parametrize("identity", ["/org/mpris/MediaPlayer2/TrackList/NoTrack", "/noplaylist"])
def test_no_track_is_none(identity: str) -> None:
    assert track(mpris_trackid=("o", identity)).track is None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/song.flac",
        "song.flac",
        "file:song.flac",
        "file://[",
        "file:///a%00b",
        "file:///" + "a" * 5_000,
        "x" * 100_000,
    ],
)
def test_what_is_no_file_is_none(url: str) -> None:
    assert track(xesam_url=("s", url)).track is None


def test_text_is_on_one_line_and_cut() -> None:
    hint = track(xesam_title=("s", "a\n\x1b[2Jb" + "c" * 10_000)).track
    assert hint is not None
    assert hint.title is not None
    assert hint.title.isprintable()
    assert len(hint.title) <= 256


def test_a_track_that_repeats_says_so() -> None:
    loops = [snapshot_of({"LoopStatus": ("s", word)}).loops for word in ("Track", "Playlist", "None", "")]
    assert loops == [True, False, False, False]


def test_only_a_pair_of_signature_and_value_is_a_variant() -> None:
    assert [plain(value) for value in (("s", "x"), ("s",), "x", None, [1, 2], (1, 2))] == ["x", *[None] * 5]


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["Playing", "Track", "/0", "file:///x", "file://[", 10**400])
)


def nested(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.tuples(st.sampled_from(["s", "x", "d", "as", "a{sv}"]), values)
        | st.lists(values, max_size=4)
        | st.dictionaries(KEYS, values, max_size=4)
    )


KEYS = st.sampled_from([*OF_MPV, "xesam:url", "xesam:title", "xesam:artist", "mpris:trackid", "mpris:length"])
VALUES = st.recursive(LEAVES, nested, max_leaves=12)
VARIANTS = st.tuples(st.just("v"), VALUES) | VALUES


@given(st.dictionaries(KEYS, VARIANTS) | VALUES)
def test_no_answer_is_too_strange_and_all_that_is_read_is_bounded(properties: object) -> None:
    """F7"""
    said = snapshot_of(properties)
    day = MAX_TRACK_SECONDS * NS_PER_SECOND
    assert said.position is None or abs(said.position) <= 2 * day
    assert said.rate is None or LEAST_RATE <= said.rate <= MOST_RATE
    if said.track:
        assert said.track.duration is None or 0 < said.track.duration <= day
        texts = [said.track.id, said.track.title, said.track.artist, said.track.file]
        assert all(len(text or "") <= 4_096 for text in texts)
        assert all((text or "").isprintable() for text in texts[:3])
