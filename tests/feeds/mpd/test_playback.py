"""What is told of an MPD, status by status."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.observation import Observation, TrackHint
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, ms
from beatsync.feeds.mpd.messages import State, Status, quantum_of
from beatsync.feeds.mpd.playback import MpdPlayback
from beatsync.feeds.round_trips import Stamp
from tests.feeds.following import seconds_of

QUANTUM = quantum_of("44100:16:2")
LENGTH = ms(180_000)


class Scene:
    """An MPD. All instants are milliseconds, positions are seconds."""

    def __init__(self, *, ahead: DurationNs = NO_TIME) -> None:
        self.playback = MpdPlayback(ahead)
        self.now = 1_000.0

    def pass_ms(self, milliseconds: float) -> Scene:
        """Let time pass."""
        self.now += milliseconds
        return self

    def ask(self, state: State, seconds: float | None = None, *, song: str = "1") -> Observation | None:
        """Ask for the status, and get this answer 0.4 ms later; what is told."""
        asked = HostNs(ms(self.now))
        self.pass_ms(0.4)
        position = None if seconds is None else TrackNs(ms(seconds * 1_000))
        stamp = Stamp(HostNs(asked + ms(0.2)), ms(0.2))
        return self.playback.answered(Status(state, song, position, LENGTH, QUANTUM), stamp, HostNs(ms(self.now)))

    def told(self, state: State, seconds: float | None = None, *, song: str = "1") -> Observation:
        """The same where something has to be told."""
        observation = self.ask(state, seconds, song=song)
        assert observation is not None
        return observation


def playing(**options: DurationNs) -> Scene:
    """An MPD that has been heard to play at 10.1 s."""
    scene = Scene(**options)
    assert scene.ask(State.PLAY, 10.0) is None
    first = scene.pass_ms(23).told(State.PLAY, 10.023)
    assert (first.playing, first.jump) == (True, False)
    scene.pass_ms(77).told(State.PLAY, 10.1)
    return scene


def later(scene: Scene, milliseconds: float, *, off: float = 0) -> float:
    """Let time pass; where a song stands then that was `playing`, give or take some milliseconds."""
    scene.pass_ms(milliseconds)
    return 10.1 + (scene.now - 1_100.8 + off) / 1_000


def test_a_position_was_true_in_the_middle_of_its_question() -> None:
    scene = playing()
    told = scene.pass_ms(120).told(State.PLAY, 10.22)
    assert (int(told.host), told.slack, told.playing) == (ms(scene.now - 0.2), ms(0.2), True)
    assert scene.playback.quantum == QUANTUM


def test_where_playback_starts_the_first_position_that_has_moved_is_told() -> None:
    """MPD states the target before the first sound is on its way."""
    scene = Scene()
    assert scene.told(State.STOP).playing is False
    assert scene.ask(State.PLAY, 0.0) is None
    assert scene.playback.restless()
    assert scene.pass_ms(15).ask(State.PLAY, 0.0) is None
    first = scene.pass_ms(15).told(State.PLAY, 0.022)
    assert (first.jump, seconds_of(first)) == (True, 0.022)
    assert not scene.playback.restless()
    assert not scene.pass_ms(120).told(State.PLAY, 0.136).jump


def test_a_seek_is_a_jump_once_its_position_has_moved() -> None:
    """F5"""
    for target in (60.0, 10.3, 2.0, 0.0):
        scene = playing()
        scene.pass_ms(20)
        assert scene.ask(State.PLAY, target) is None
        assert scene.pass_ms(15).ask(State.PLAY, target) is None
        first = scene.pass_ms(15).told(State.PLAY, target + 0.022)
        assert (first.jump, first.playing, first.position) == (True, True, TrackNs(ms(target * 1_000 + 22)))
        assert not scene.pass_ms(120).told(State.PLAY, target + 0.136).jump


def test_an_unsteady_position_is_no_jump() -> None:
    """F6"""
    scene = playing()
    for off in (0, 20, -20, 40, -20, 0):
        assert not scene.told(State.PLAY, later(scene, 120, off=off)).jump


def test_a_pause_is_told_at_once_and_going_on_is_no_jump() -> None:
    scene = playing()
    paused = scene.pass_ms(20).told(State.PAUSE, 10.122)
    assert (paused.playing, seconds_of(paused), paused.jump) == (False, 10.122, False)
    scene.pass_ms(60_000).told(State.PAUSE, 10.122)
    assert scene.pass_ms(1).ask(State.PLAY, 10.122) is None
    on = scene.pass_ms(1).told(State.PLAY, 10.145)
    assert (on.playing, on.jump) == (True, False)


def test_a_seek_in_a_pause_is_a_jump_there_and_once_more_where_playback_goes_on() -> None:
    scene = playing()
    scene.pass_ms(20).told(State.PAUSE, 10.122)
    told = [scene.pass_ms(120).told(State.PAUSE, 40.0) for _ in range(3)]
    assert [seen.jump for seen in told] == [True, False, False]
    assert scene.ask(State.PLAY, 40.0) is None
    first = scene.pass_ms(25).told(State.PLAY, 40.022)
    assert (first.jump, first.playing) == (True, True)


def test_a_seek_and_a_pause_between_two_statuses_are_both_told() -> None:
    scene = playing()
    told = scene.pass_ms(120).told(State.PAUSE, 40.0)
    assert (told.jump, told.playing) == (True, False)


def test_a_stop_is_told_and_is_nowhere() -> None:
    scene = playing()
    told = scene.pass_ms(20).told(State.STOP)
    assert (told.playing, told.position) == (False, None)


def test_a_song_is_named_once_when_it_is_heard() -> None:
    scene = Scene()
    hint = TrackHint(id="1", file="song.flac")
    assert scene.playback.wants_name(Status(State.PLAY, "1"))
    scene.playback.name(hint)
    assert not scene.playback.wants_name(Status(State.PLAY, "1"))
    assert scene.ask(State.PLAY, 0.0) is None
    assert scene.pass_ms(23).told(State.PLAY, 0.022).track == hint
    assert scene.pass_ms(23).told(State.PLAY, 0.045).track is None
    assert scene.playback.wants_name(Status(State.PLAY, "2"))


def test_the_name_of_another_song_is_not_told_for_this_one() -> None:
    scene = Scene()
    scene.playback.name(TrackHint(id="2", file="next.flac"))
    assert scene.ask(State.PLAY, 0.0) is None
    assert scene.pass_ms(23).told(State.PLAY, 0.022).track is None


def test_a_stream_that_changes_its_title_is_named_again() -> None:
    scene = playing()
    for title in ("One", "Two"):
        hint = TrackHint(id="1", file="http://radio", title=title)
        scene.playback.name(hint)
        assert scene.told(State.PLAY, later(scene, 120)).track == hint


def test_the_next_song_is_told_a_moment_before_it_is_heard() -> None:
    """Half a second of the last one is still in the output when MPD's position starts anew."""
    scene = playing(ahead=ms(500))
    assert scene.pass_ms(120).ask(State.PLAY, 0.0, song="2") is None
    assert scene.pass_ms(300).ask(State.PLAY, 0.3, song="2") is None
    first = scene.pass_ms(110).told(State.PLAY, 0.41, song="2")
    assert (first.jump, first.playing, seconds_of(first)) == (True, True, 0.41)


def test_a_skipped_song_is_told_as_soon_as_the_output_is_full() -> None:
    scene = playing(ahead=ms(500))
    assert scene.ask(State.PLAY, 0.0, song="2") is None
    assert scene.pass_ms(15).ask(State.PLAY, 0.52, song="2") is None
    first = scene.pass_ms(15).told(State.PLAY, 0.54, song="2")
    assert (first.jump, seconds_of(first)) == (True, 0.54)


def test_a_song_that_repeats_is_a_jump() -> None:
    scene = playing()
    assert scene.ask(State.PLAY, 0.0) is None
    assert scene.pass_ms(25).told(State.PLAY, 0.022).jump


def test_a_position_that_stands_still_while_mpd_plays_is_a_pause_after_a_while() -> None:
    """F13"""
    scene = playing()
    told = [scene.pass_ms(100).ask(State.PLAY, 10.1) for _ in range(5)]
    assert [seen and seen.playing for seen in told] == [None, None, False, False, False]
    assert scene.pass_ms(60_000).told(State.PLAY, 10.1).playing is False
    on = scene.pass_ms(20).told(State.PLAY, 10.122)
    assert (on.playing, on.jump) == (True, False)


def test_a_song_that_never_starts_stands_still() -> None:
    """F13"""
    scene = Scene()
    scene.told(State.STOP)
    told = [scene.pass_ms(100).ask(State.PLAY, 0.0) for _ in range(6)]
    assert [seen and seen.playing for seen in told] == [None, None, None, False, False, False]


def test_at_its_end_a_song_stands_still_while_the_output_plays_what_it_has() -> None:
    scene = playing()
    assert scene.ask(State.PLAY, 179.9) is None
    scene.pass_ms(25).told(State.PLAY, 179.98)
    assert [scene.pass_ms(100).ask(State.PLAY, 179.98) for _ in range(5)] == [None] * 5
    assert scene.told(State.STOP).playing is False


def test_a_position_that_came_too_slowly_to_be_dated_is_not_told() -> None:
    scene = playing()
    status = Status(State.PLAY, "1", TrackNs(ms(10_220)), LENGTH, QUANTUM)
    assert scene.playback.answered(status, None, HostNs(ms(scene.now))) is None
    paused = Status(State.PAUSE, "1", TrackNs(ms(10_220)), LENGTH, QUANTUM)
    told = scene.playback.answered(paused, None, HostNs(ms(scene.now)))
    assert told is not None
    assert told.playing is False


STEPS = st.tuples(
    st.integers(0, 2_000),
    st.sampled_from(State),
    st.none() | st.floats(0, 86_400),
    st.sampled_from(["1", "2", "3"]),
)


@given(st.lists(STEPS, max_size=60), st.integers(-1_000, 1_000))
def test_whatever_mpd_says_in_whatever_order_what_is_told_is_a_reading(
    steps: list[tuple[int, State, float | None, str]], ahead: int
) -> None:
    """F7"""
    scene = Scene(ahead=ms(ahead))
    for wait, state, seconds, song in steps:
        told = scene.pass_ms(wait).ask(state, seconds, song=song)
        if told is not None:
            assert told.host <= ms(scene.now)
            assert told.playing is not None
            assert told.position is not None or not (told.playing or told.jump)
            assert not (told.playing and state is not State.PLAY)
