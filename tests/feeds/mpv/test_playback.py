"""What is told of an mpv, in the order in which it says things."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.observation import TrackHint
from beatsync.core.transport import rate_of
from beatsync.core.units import TrackNs, ms
from beatsync.feeds.mpv.messages import Event, Property, Unreadable
from beatsync.feeds.mpv.playback import OBSERVED, MpvPlayback
from beatsync.feeds.round_trips import Stamp
from tests.feeds.following import seconds_of
from tests.feeds.mpv.scenes import IDLE, SONG, Scene, place, playing


def test_nothing_is_told_before_everything_is_known() -> None:
    playback = MpvPlayback()
    scene = Scene()
    scene.playback = playback
    for name in OBSERVED:
        assert scene.ask(1.0) is None
        assert playback.restless(scene.host)
        scene.set(name, IDLE[name])
    assert scene.pass_ms(1).ask(1.0) is not None


def test_a_position_was_true_in_the_middle_of_its_question() -> None:
    scene = playing()
    asked = scene.host
    told = scene.told(10.05, took=0.6)
    assert (told.host, told.slack) == (asked + ms(0.3), ms(0.3))
    assert (told.position, told.playing, told.jump, told.track) == (place(10.05), True, False, None)


def test_a_song_is_named_once_with_its_length_when_it_is_loaded() -> None:
    scene = Scene()
    scene.happens("start-file", entry=7)
    scene.set("idle-active", False)
    scene.set("path", "/music/song.flac")
    scene.set("media-title", "song.flac")
    assert scene.told(None).track is None
    scene.pass_ms(20).happens("file-loaded")
    assert scene.told(None).track is None
    for name, value in SONG.items():
        scene.set(name, value)
    first = scene.pass_ms(1).told(0.001)
    hint = TrackHint(id="7", file="/music/song.flac", title="Song", artist="Band", duration=ms(180_000))
    assert (first.track, first.jump, first.playing) == (hint, True, True)
    assert scene.pass_ms(50).told(0.051).track is None


def test_a_stream_is_named_without_a_length_and_again_when_its_title_changes() -> None:
    scene = Scene(**{**SONG, "duration": None, "media-title": "Radio"})
    first = scene.told(1.0).track
    assert first is not None
    assert (first.title, first.duration) == ("Radio", None)
    scene.set("duration", 1.5)
    assert scene.pass_ms(50).told(1.05).track is None
    scene.set("media-title", "The next song")
    second = scene.pass_ms(50).told(1.1).track
    assert second is not None
    assert (second.title, second.duration) == ("The next song", ms(1_500))


def test_the_same_song_once_more_is_named_once_more() -> None:
    scene = playing()
    scene.happens("end-file", reason="stop")
    scene.happens("start-file", entry=8)
    scene.happens("file-loaded")
    again = scene.pass_ms(2).told(0.001)
    assert again.track is not None
    assert again.track.id == "8"
    assert again.jump


def test_the_first_position_after_a_seek_is_a_jump_and_the_next_is_none() -> None:
    scene = playing()
    assert scene.happens("seek")
    scene.set("core-idle", True)
    assert scene.ask(None) is None
    assert scene.playback.restless(scene.host)
    scene.pass_ms(2).happens("playback-restart")
    scene.set("core-idle", False)
    first = scene.pass_ms(1).told(60.001)
    assert (first.jump, first.playing, first.position) == (True, True, place(60.001))
    assert not scene.pass_ms(50).told(60.051).jump


def test_a_position_that_was_asked_for_before_the_seek_was_heard_of_is_not_taken_for_one_after_it() -> None:
    scene = playing()
    asked = scene.host
    scene.pass_ms(0.3).happens("seek")
    late = scene.playback.answered(place(10.05), Stamp(asked, ms(0)), scene.pass_ms(0.1).host)
    assert late is None
    first = scene.pass_ms(3).told(60.003)
    assert (first.jump, first.position) == (True, place(60.003))


def test_a_pause_is_told_at_once_with_its_position() -> None:
    scene = playing()
    assert scene.set("pause", True)
    scene.set("core-idle", True)
    told = scene.pass_ms(0.5).told(10.05)
    assert (told.playing, told.position, told.jump) == (False, place(10.05), False)
    assert scene.pass_ms(50).told(10.05).playing is False


def test_going_on_is_told_at_once_and_is_no_jump() -> None:
    scene = playing()
    scene.set("pause", True)
    scene.set("core-idle", True)
    scene.pass_ms(60_000).told(10.05)
    scene.set("pause", False)
    scene.set("core-idle", False)
    told = scene.pass_ms(1).told(10.051)
    assert (told.playing, told.jump) == (True, False)


def test_a_seek_in_a_pause_is_a_jump_there_and_once_more_where_playback_goes_on() -> None:
    """Until then mpv states the place less its buffer."""
    scene = playing()
    scene.set("pause", True)
    scene.set("core-idle", True)
    scene.pass_ms(100).told(10.05)
    scene.happens("seek")
    assert not scene.pass_ms(1).told(None).jump
    scene.happens("playback-restart")
    told = [scene.pass_ms(50).told(19.8) for _ in range(3)]
    assert [observation.jump for observation in told] == [True, False, False]
    scene.set("pause", False)
    scene.set("core-idle", False)
    first = scene.pass_ms(1).told(20.001)
    assert (first.jump, first.playing) == (True, True)
    assert not scene.pass_ms(50).told(20.051).jump


def test_an_interruption_is_no_pause_before_it_has_lasted_a_moment() -> None:
    """F8"""
    scene = playing()
    scene.set("core-idle", True)
    assert scene.pass_ms(10).ask(10.05) is None
    assert scene.pass_ms(10).ask(10.05) is None
    assert scene.pass_ms(10).told(10.05).playing is False
    scene.set("core-idle", False)
    assert scene.pass_ms(1).told(10.051).playing is True


def test_at_the_end_of_the_last_file_playback_goes_on_until_its_sound_is_over() -> None:
    scene = playing()
    scene.set("core-idle", True)
    scene.happens("end-file", reason="eof")
    assert [scene.pass_ms(100).ask(None) for _ in range(4)] == [None] * 4
    scene.happens("idle")
    scene.set("idle-active", True)
    told = scene.pass_ms(1).told(None)
    assert (told.playing, told.position) == (False, None)


def test_an_end_that_never_comes_is_a_pause_after_all() -> None:
    scene = playing()
    scene.set("core-idle", True)
    scene.happens("end-file", reason="eof")
    assert scene.pass_ms(2_000).told(None).playing is False


def test_a_file_that_is_stopped_is_over_at_once() -> None:
    scene = playing()
    scene.set("core-idle", True)
    scene.happens("end-file", reason="stop")
    scene.set("idle-active", True)
    assert scene.pass_ms(1).told(None).playing is False


def test_the_next_file_is_named_a_moment_before_it_is_heard() -> None:
    """Its position starts below zero, while the end of the last file is still in the sound card's buffer."""
    scene = playing()
    scene.set("core-idle", True)
    scene.happens("end-file", reason="eof")
    scene.happens("start-file", entry=9)
    scene.pass_ms(30).happens("file-loaded")
    scene.set("core-idle", False)
    assert scene.pass_ms(5).ask(-0.36) is None
    assert scene.pass_ms(250).ask(-0.11) is None
    first = scene.pass_ms(50).told(-0.06)
    assert first.track is not None
    assert (first.track.id, first.jump, first.playing, first.position) == ("9", True, True, place(-0.06))


def test_an_mpv_that_stays_open_stands_at_the_very_end() -> None:
    scene = playing()
    scene.set("core-idle", True)
    scene.set("eof-reached", True)
    scene.set("time-pos", 180.0)
    assert scene.pass_ms(300).ask(None) is None
    scene.set("pause", True)
    told = scene.pass_ms(1).told(None)
    assert (told.playing, told.position) == (False, place(180))


def test_a_silent_video_is_followed_by_its_picture() -> None:
    scene = playing(**{"aid": False, "container-fps": 25.0, "time-pos": 10.0})
    assert scene.playback.frame == ms(40)
    assert scene.ask(None) is None
    assert scene.set("time-pos", 10.04)
    shown = scene.host
    told = scene.pass_ms(0.5).told(None)
    assert (told.host, told.position, told.playing, told.slack) == (shown, place(10.04), True, ms(40))
    assert scene.pass_ms(10).ask(None) is None


def test_a_song_without_a_position_of_its_sound_is_followed_by_what_is_shown() -> None:
    scene = playing()
    assert scene.ask(None) is None
    scene.pass_ms(301).set("time-pos", 10.4)
    assert seconds_of(scene.told(None)) == 10.4


def test_an_idle_mpv_stands_still_and_is_nowhere() -> None:
    told = Scene().told(None)
    assert (told.playing, told.position, told.track) == (False, None, None)


@pytest.mark.parametrize("name", ["pause", "core-idle", "speed", "duration", "path", "container-fps", "ab-loop-a"])
@pytest.mark.parametrize("value", [[], {}, float("nan"), float("inf")])
def test_a_property_that_makes_no_sense_changes_nothing(name: str, value: object) -> None:
    """F7"""
    scene = playing()
    before = scene.told(10.05)
    with pytest.raises(Unreadable):
        scene.set(name, value)
    after = scene.pass_ms(50).told(10.1)
    assert (after.playing, after.rate, after.track) == (before.playing, before.rate, None)


NAMES = st.sampled_from([*OBSERVED, "volume"])
VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["no", "auto", "x"]) | st.just([1])
EVENTS = st.sampled_from(["seek", "playback-restart", "start-file", "file-loaded", "end-file", "idle", "shutdown"])
REASONS = st.sampled_from([None, "eof", "stop", "error"])
STEPS = st.one_of(
    st.builds(Property, NAMES, VALUES),
    st.builds(Event, EVENTS, st.integers(0, 5), REASONS),
    st.none() | st.integers(-10 * 10**9, 10**14).map(TrackNs),
)


@given(st.lists(st.tuples(st.integers(0, 500), STEPS), max_size=60))
def test_whatever_mpv_says_in_whatever_order_what_is_told_is_a_reading(steps: list[tuple[int, object]]) -> None:
    """F7"""
    scene = Scene(**SONG)
    for wait, step in steps:
        scene.pass_ms(wait)
        if isinstance(step, Event | Property):
            with suppress(Unreadable):
                scene.playback.heard(step, scene.host)
            continue
        told = scene.playback.answered(step, Stamp(scene.host, ms(0)), scene.pass_ms(1).host)  # type: ignore[arg-type]
        if told is not None:
            assert told.host <= scene.host
            assert told.playing is not None
            assert told.rate is not None
            assert rate_of(0.01) <= told.rate <= rate_of(100)
            assert told.position is not None or not (told.playing or told.jump)
