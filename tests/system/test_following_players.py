"""Real players, followed by real processes: what must hold however busy the machine is. How good it is: bench players.

Nothing here asserts how long something takes. What is late is late by the machine's doing; a cue that is doubled, out
of order, of the wrong place or lost from the books is ours.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from beatsync.core.units import HostNs
from bench.players_cases import CASES, Case
from bench.players_changes import (
    CLOCK,
    Findings,
    Kind,
    Span,
    breaks_of,
    error_of,
    judge,
    make_changes,
    spans_of,
)
from bench.players_show import Show, following_show, place_of, write_track
from tests.players.arrivals import Arrival, Arrivals
from tests.players.click_track import click_track
from tests.players.dense import Course, course_of
from tests.players.mpv import Mpv, MpvRefused, running_mpv
from tests.players.osc_player import osc_player
from tests.system.oscdump import free_port
from tests.system.program import environment, running

SECONDS = 120.0
CHANGES = 9
SAME_PLACE_MS = 700.0
"""A cue that is further from where the player stands than the slowest of these players is known to be (VLC states a new
position every 0.3 s) and a stall of this machine may add, is one of another place: seeks go four seconds and more."""

WORD_OF_A_PAUSE_SECONDS = 0.7
"""So much may be played before word of a pause has come, and been taken in by a busy machine."""

LEAPING = {"mpv over MPRIS"}
"""mpv's position leaps when its speed changes, and over MPRIS word of that may come later: docs/feeds/mpris.md."""

NAMES = ["mpv", "MPD", "mpv over MPRIS", "VLC over MPRIS", "VLC, web interface"]


def wait_until(holds: Any, *, what: str) -> None:
    """Wait until something is so; it may take as long as a busy machine takes."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail(f"not within 30 s: {what}")


@contextmanager
def session(case: Case, folder: Path) -> Iterator[tuple[Show, list[Span], Course]]:
    """Some things done to a player; what arrived of it, and where the player stood."""
    with (
        case.open(folder, SECONDS) as playing,
        following_show(folder, playing.feed, seconds=SECONDS, **playing.env) as show,
        playing.listen() as dense,
    ):
        playing.begin()
        show.places.wait_for(30)
        speed = None if case.name in LEAPING else playing.speed
        changes = make_changes(playing.player, CHANGES, seed=4, length=SECONDS, speed=speed, digits=playing.digits)
        end = CLOCK.now()
        playing.player.pause()
        time.sleep(1)
        course = course_of(dense, window=case.window, top=case.top, apart=case.apart, breaks=breaks_of(changes, end))
        yield show, spans_of(changes, end), course


@pytest.mark.parametrize("name", NAMES)
def test_through_seeks_pauses_and_speeds_every_cue_is_of_the_place_where_the_player_is_and_comes_once(
    name: str, tmp_path: Path
) -> None:
    case = next(case for case in CASES if case.name == name)
    with session(case, tmp_path) as (show, spans, course):
        found = judge(show.places.heard, spans, course)
        check_order(found, show, spans)
        check_places(show.places.heard, spans, course)
        check_books(show, found)


def check_order(found: Findings, show: Show, spans: Sequence[Span]) -> None:
    """Nothing twice and nothing out of order in one run through the track; every seek was followed."""
    assert (found.unanswered, found.disorder, found.doubled) == (0, 0, 0), story(show, spans)


def story(show: Show, spans: Sequence[Span]) -> str:
    """What was done, what was said of it, and where cues went back, for whoever has to find out why."""
    events = [(span.change.sent, f"done: {span.change.kind} {span.change.value:g}") for span in spans]
    heard = show.places.heard
    events += [
        (after.at, f"cue {place_of(before)} and then {place_of(after)}")
        for before, after in pairwise(heard)
        if not 0 < place_of(after) - place_of(before) < 0.1
    ]
    wall = CLOCK.wall() - CLOCK.now()
    for record in show.daemon.records:
        if record["event"] not in {"cue", "text"}:
            said = {key: value for key, value in record.items() if key not in {"time", "deck", "targets"}}
            at = datetime.fromisoformat(record["time"]).timestamp() * 1e9 - wall
            events.append((HostNs(round(at)), str(said)))
    start = heard[0].at
    return "\n".join(f"{(at - start) / 1e9:8.3f} {text}" for at, text in sorted(events))


def check_places(heard: Sequence[Arrival], spans: Sequence[Span], course: Course) -> None:
    """No cue of the old place behind one of the new; each where the player is; next to nothing in a pause."""
    for span in spans:
        came = [arrival for arrival in heard if span.change.sent < arrival.at <= span.until]
        right = [span.is_right(arrival) for arrival in came]
        assert right == sorted(right), span
        if span.change.kind is Kind.PAUSE:
            stood = course.position_at(span.until)
            assert stood is None or all(
                place_of(arrival) < stood / 1e9 + WORD_OF_A_PAUSE_SECONDS for arrival in came
            ), span
        for arrival, is_right in zip(came, right, strict=True):
            error = error_of(arrival, course, span.speed)
            assert error is None or not is_right or not span.playing or abs(error) < SAME_PLACE_MS, (span, arrival)


def check_books(show: Show, found: Findings) -> None:
    """Whatever was due has one fate, and what was sent has arrived; a cue that never came is in them."""
    status = show.settled()
    places = status["targets"]["places"]
    assert status["due"] == sum(status["verdicts"].values())
    assert places["sent"] == len(show.places.heard)
    assert status["targets"]["looks"]["sent"] == len(show.looks.heard)
    assert found.left_out <= places["verdicts"].get("dropped", 0)


# What the player plays


def test_the_track_that_the_player_goes_on_to_is_loaded_by_its_name_and_until_then_nothing_fires(
    tmp_path: Path,
) -> None:
    for name in ("first", "second"):
        click_track(tmp_path / f"{name}.wav", 30)
        write_track(tmp_path / f"{name}.json", 30)
    with Arrivals() as heard, running_mpv(tmp_path / "mpv.sock") as mpv:
        config = tmp_path / "show.yaml"
        config.write_text(
            f"setlist: {{tracks: [first.json, second.json], follow_on: player}}\n"
            f"clock: {{feed: {{mpv: {{socket: {tmp_path}/mpv.sock}}}}}}\n"
            f"targets: {{lights: 'osc.udp://127.0.0.1:{heard.port}'}}\n"
            "rules: [{on: beat, send: {address: /beat, args: [{d: seconds}]}}]\n"
        )
        with running(config, env=environment(tmp_path)) as daemon:
            daemon.wait_for("armed")
            mpv.load(tmp_path / "first.wav")
            heard.wait_for(6)
            mpv.load(tmp_path / "second.wav")
            (loaded,) = daemon.wait_for("loaded")
            assert loaded["track"].endswith("second.json")
            heard.wait_beyond(len(heard.heard), more=4)
            mpv.load(click_track(tmp_path / "unknown.wav", 10))
            daemon.wait_for("trouble")
            before = len(heard.heard)
            time.sleep(2)
            assert len(heard.heard) <= before + 1  # it may have been on its way
            assert [record["event"] for record in daemon.records if record["event"] in EVENTS] == list(EVENTS)
    assert [place_of(arrival) for arrival in heard.heard].count(0.0) <= 2


EVENTS = ("track", "looking", "loaded", "trouble")
"""The first track is named and is what is loaded; the second is looked for, and had; the third is not known."""


def test_a_player_that_is_killed_and_started_again_is_followed_again(tmp_path: Path) -> None:
    track = click_track(tmp_path / "clicks.wav", 60)
    feed = f"{{mpv: {{socket: {tmp_path}/mpv.sock, freewheel: 1s, when_lost: hold}}}}"
    with following_show(tmp_path, feed, seconds=60) as show:
        with running_mpv(tmp_path / "mpv.sock") as mpv:
            mpv.load(track)
            show.places.wait_for(60)
            mpv.kill()
        show.daemon.wait_for("lost")
        lost = len(show.places.heard)
        with running_mpv(tmp_path / "mpv.sock", "--start=30") as mpv:
            mpv.load(track)
            again = show.places.wait_beyond(lost, more=60)
            mpv.pause()
            time.sleep(1)
            check_run(show.places.heard[:lost])
            check_run(again)
            assert all(29.9 < place_of(arrival) < 60 for arrival in again)
            states = [record["state"] for record in show.daemon.of("feed") if record["state"] != "ignored"]
            assert states[-2:] == ["troubled", "connected"]
            status = show.settled()
            assert status["due"] == sum(status["verdicts"].values())


def check_run(run: Sequence[Arrival]) -> None:
    """Every cue once, in order."""
    places = [place_of(arrival) for arrival in run]
    assert [place for place, count in Counter(places).items() if count > 1] == []
    assert places == sorted(places)


# Two feeds of one player


def leader_of(show: Show) -> str:
    """Which feed leads."""
    (deck,) = show.status()["decks"].values()
    return str(next(feed["name"] for feed in deck["feeds"] if feed["leads"]))


def start_at(mpv: Mpv, track: Path, seconds: float) -> None:
    """Have it stand there, ready to go on."""
    mpv.pause()
    mpv.load(track)
    wait_until(lambda: is_loaded(mpv), what="mpv has loaded its file")
    mpv.seek(seconds)


def is_loaded(mpv: Mpv) -> bool:
    """Whether it has a position."""
    try:
        mpv.command("get_property", "time-pos")
    except MpvRefused:
        return False
    return True


def test_when_the_first_feed_is_killed_the_second_leads_without_a_double_or_a_gap_and_hands_back(
    tmp_path: Path,
) -> None:
    track, port = click_track(tmp_path / "clicks.wav", SECONDS), free_port()
    by_mpv = f"{{mpv: {{socket: {tmp_path}/mpv.sock}}}}"
    by_osc = f"{{osc: {{port: {port}, address: /position, unit: s}}}}"
    feeds = f"[{by_mpv}, {by_osc}], hand_back: 2s"
    with osc_player(port, silent=True) as osc, following_show(tmp_path, feeds, seconds=SECONDS) as show:
        with running_mpv(tmp_path / "mpv.sock") as mpv:
            mpv.load(track)
            show.places.wait_for(60)
            before, place, after = CLOCK.now(), mpv.position(), CLOCK.now()
            assert place is not None
            osc.go_to(place, at=type(before)((before + after) // 2))
            osc.silent = False
            wait_until(lambda: leader_of(show).startswith("mpv"), what="mpv leads")
            mpv.kill()
        wait_until(lambda: leader_of(show).startswith("osc"), what="the second feed leads")
        show.places.wait_beyond(len(show.places.heard), more=60)
        with running_mpv(tmp_path / "mpv.sock") as mpv:
            meet = osc.position() + 2
            start_at(mpv, track, meet)
            time.sleep(max((osc.when(meet) - CLOCK.now()) / 1e9, 0))
            mpv.resume()
            wait_until(lambda: leader_of(show).startswith("mpv"), what="mpv leads again")
            show.places.wait_beyond(len(show.places.heard), more=60)
            mpv.pause()
            osc.silent = True
            time.sleep(1)
            status = show.settled()
        run = show.places.heard
        check_run(run)
        missing = round((place_of(run[-1]) - place_of(run[0])) * 32) + 1 - len(run)
        assert missing <= status["targets"]["places"]["verdicts"].get("dropped", 0)
        assert status["due"] == sum(status["verdicts"].values())
