"""What VLC's status page says becomes values of our own, whatever it says."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.transport import rate_of
from beatsync.core.units import ms
from beatsync.feeds.polled_player import LEAST_RATE, MOST_RATE, Status
from beatsync.feeds.vlc.status import (
    BAD_POSITION,
    BAD_RATE,
    NOT_A_STATUS,
    NOT_JSON,
    Unreadable,
    VlcStatus,
    parse_status,
)

OF_VLC: dict[str, Any] = {
    "version": "3.0.24 Vetinari",
    "rate": 1,
    "loop": False,
    "repeat": True,
    "length": 180,
    "position": 0.26227083802223,
    "time": 47,
    "state": "playing",
    "currentplid": 3,
    "information": {"category": {"meta": {"filename": "song.flac", "title": "Song", "artist": "A"}}},
}


def read(**fields: object) -> VlcStatus:
    return parse_status(json.dumps(OF_VLC | fields).encode())


def test_an_answer_of_vlc_is_read_whole() -> None:
    assert read() == VlcStatus(
        status=Status.PLAYING,
        place=(0.26227083802223, 47),
        length=180,
        rate=rate_of(1),
        track=TrackHint(id="3", file="song.flac", title="Song", artist="A", duration=ms(180_000)),
        repeats=True,
        version="3.0.24 Vetinari",
        unread=(),
    )


def test_a_stopped_vlc_has_no_place() -> None:
    """Then VLC says position and time -1, or nothing."""
    assert read(state="stopped", position=-1, time=-1, length=-1).place is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"position": 1.5}, BAD_POSITION),
        ({"position": -0.1}, BAD_POSITION),
        ({"position": "0.5"}, BAD_POSITION),
        ({"position": True}, BAD_POSITION),
        ({"time": None}, BAD_POSITION),
        ({"time": -1}, BAD_POSITION),
        ({"time": 10**30}, BAD_POSITION),
        ({"rate": 0}, BAD_RATE),
        ({"rate": -1}, BAD_RATE),
        ({"rate": 1e300}, BAD_RATE),
        ({"rate": []}, BAD_RATE),
    ],
)
def test_what_makes_no_sense_is_named_and_left_out(fields: dict[str, object], reason: str) -> None:
    """F7"""
    assert read(**fields).unread == (reason,)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", NOT_JSON),
        (b"<html><title>VLC</title>", NOT_JSON),
        (b'{"state": "playing", "position": 0', NOT_JSON),
        (b'{"state": "playing", "position": NaN}', NOT_JSON),
        (b'{"state": "playing", "position": 0,2622}', NOT_JSON),
        (b'{"time": ' + b"9" * 5_000 + b"}", NOT_JSON),
        (b"[" * 100_000, NOT_JSON),
        (b"\xff\xfe{}", NOT_JSON),
        (b"null", NOT_A_STATUS),
        (b"[]", NOT_A_STATUS),
        (b'{"state": "buffering"}', NOT_A_STATUS),
        (b'{"state": ["playing"]}', NOT_A_STATUS),
    ],
)
def test_what_is_no_status_is_none(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"^{reason}$"):
        parse_status(body)


@pytest.mark.parametrize("length", [0, -1, None, "180", 10**9, 1e300])
def test_a_length_that_vlc_does_not_know_is_0(length: object) -> None:
    status = read(length=length)
    assert status.length == 0
    assert status.track is not None
    assert status.track.duration is None


@pytest.mark.parametrize("information", [None, [], {}, {"category": None}, {"category": {"meta": "x"}}])
def test_a_track_may_have_no_name(information: object) -> None:
    assert read(information=information).track is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(["playing"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.sampled_from(["category", "meta"]), values),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*OF_VLC]), VALUES))
def test_no_status_is_too_strange_and_all_that_is_read_is_bounded(fields: dict[str, object]) -> None:
    """F7"""
    with suppress(Unreadable):
        status = read(**fields)
        assert status.place is None or (0 <= status.place[0] <= 1 and 0 <= status.place[1] <= MAX_TRACK_SECONDS)
        assert 0 <= status.length <= MAX_TRACK_SECONDS
        assert status.rate is None or LEAST_RATE <= status.rate <= MOST_RATE
        assert len(status.version) <= 40
        assert status.version.isprintable()


@given(st.integers(0, 400), st.binary(min_size=1, max_size=5))
def test_no_damage_to_an_answer_is_too_strange(place: int, other: bytes) -> None:
    good = json.dumps(OF_VLC).encode()
    with suppress(Unreadable):
        parse_status(good[:place] + other + good[place + len(other) :])
    with suppress(Unreadable):
        parse_status(good[:place])
