"""Daemons and conductors that die: the show goes on where it would be, nothing twice, what was missed is named."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from beatsync.config.configuration import FromFile, TrackChoice
from beatsync.core.engine import MISSED
from beatsync.core.units import NS_PER_SECOND, TrackNs, ms
from beatsync.decks.commands import (
    LoadTrack,
    Lock,
    Mute,
    Panic,
    Pause,
    PutOnAir,
    SeekTo,
    SetRate,
    SetTargetLead,
    Solo,
    Step,
    StopDeck,
)
from beatsync.decks.state import DeckState, Playback
from beatsync.state.database import FILE
from tests.core.shows import song
from tests.lasting.machine import Machine, text_of, texts

BEATS = "rules: [{on: beat, send: {address: /beat, args: [bar, beat]}}]"
LOOKS = 'rules: [{on: section, send: {address: "/look/{label}", args: [1], end: {args: [0]}}}]'
SONGS = {
    "song.json": song("Intro 8"),
    "a.json": song("Intro 4"),
    "b.json": song("Drop 4"),
    "c.json": song("Outro 4"),
}
SETLIST = "setlist: [a.json, b.json, c.json]"


def one_deck(port: int, *, start: str = "now", rules: str = BEATS, track: str = "track: song.json") -> str:
    target = f"targets: {{lights: {{url: 'osc.udp://127.0.0.1:{port}', max_rate: 100000}}}}"
    return f"{track}\nclock: {{start: {start}}}\n{target}\n{rules}\n"


def beats(first: int, count: int) -> list[str]:
    """The beats of a track, from one of them on."""
    return [f"/beat {number // 4 + 1} {number % 4 + 1}" for number in range(first, first + count)]


@pytest.fixture
def machine(nursery: trio.Nursery, tmp_path: Path) -> Machine:
    machine = Machine(nursery, tmp_path, "", dict(SONGS))
    machine.written = one_deck(machine.receive())
    return machine


def deck(machine: Machine) -> DeckState:
    return machine.desk.deck(None).state()


def position(machine: Machine) -> float:
    """In seconds, to a tenth: a conductor is there within some hundredths."""
    at = deck(machine).position
    assert at is not None
    return round(at / NS_PER_SECOND, 1)


def said(machine: Machine, event: str) -> list[str]:
    return [news.text for news in machine.news if news.event == event]


def missed(machine: Machine) -> list[str]:
    """What was named as missed."""
    return [text_of(verdict) for verdict in machine.verdicts if verdict.report.outcome.reason == MISSED]


# One of the two


async def test_a_daemon_that_dies_is_not_heard(machine: Machine, autojump_clock: MockClock) -> None:
    """L3."""
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_daemon()
    await trio.sleep(2)
    await machine.start()
    await trio.sleep(14)
    assert machine.arrived() == beats(0, 32)
    assert texts(machine.verdicts) == dict.fromkeys(beats(0, 32), 1)


async def test_a_conductor_that_dies_for_a_moment_is_late_by_that(machine: Machine, autojump_clock: MockClock) -> None:
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_conductor(for_seconds=0.7)
    await trio.sleep(14)
    dropped = [verdict.report.outcome for verdict in machine.verdicts if verdict.report.outcome.verdict == "dropped"]
    assert machine.arrived() == [*beats(0, 5), *beats(6, 26)]
    assert [outcome.cue.arguments[1][1] for outcome in dropped] == [2]


async def test_while_the_conductor_is_away_commands_wait_for_it(machine: Machine, autojump_clock: MockClock) -> None:
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_conductor(for_seconds=0.7)
    await machine.desk.do(SeekTo(TrackNs(ms(12_100))))
    await trio.sleep(0.8)
    await trio.sleep(4)
    assert machine.arrived() == [*beats(0, 5), *beats(26, 6)]


# Both


async def test_both_die_and_the_conductors_journal_has_it_all(machine: Machine, autojump_clock: MockClock) -> None:
    """L3."""
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_daemon()
    await machine.kill_conductor()
    await trio.sleep(0.2)
    await machine.start()
    await trio.sleep(14)
    assert machine.arrived() == beats(0, 32)


async def test_where_both_were_dead_for_a_while_one_line_sums_up_what_a_successor_caught_up_with(
    machine: Machine, autojump_clock: MockClock
) -> None:
    """L3: beats that were missed, and the look that stands now."""
    port = machine.receive()
    machine.tracks["song.json"] = song("Intro 4", "Drop 8")
    beats_and_looks = BEATS.replace("]}}]", "]}}, ") + LOOKS.removeprefix("rules: [")
    machine.written = one_deck(port, rules=beats_and_looks)
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_daemon()
    await machine.kill_conductor()
    await trio.sleep(20)
    await machine.start()
    (news,) = [news for news in machine.news if news.event == "resumed"]
    assert news.text.startswith("beatsync was gone; after 20.")
    assert " the show goes on: deck main: /shows/song.json at 0:22.2" in news.text
    assert news.text.endswith(" (bar 12.1), 40 cues missed, 1 state sent again")
    assert (news.fields["missed"], news.fields["sent_again"]) == (40, 1)
    assert news.fields["decks"]["main"] | {"position": 0} == {
        "position": 0,
        "bar": "12.1",
        "missed": 40,
        "sent_again": 1,
    }


async def test_a_conductor_that_lived_on_has_nothing_to_catch_up_with(
    machine: Machine, autojump_clock: MockClock
) -> None:
    """L3."""
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_daemon()
    await trio.sleep(3)
    await machine.start()
    assert said(machine, "resumed") == []


async def test_a_journal_of_some_minutes_ago_is_not_played_on_by_itself_but_from_what_is_kept(
    machine: Machine, autojump_clock: MockClock
) -> None:
    machine.tracks["song.json"] = song("Intro 200")
    await machine.start()
    await trio.sleep(2.2)
    await machine.kill_daemon()
    await machine.kill_conductor()
    await trio.sleep(100)
    await machine.start()
    await trio.sleep(1)
    assert len(missed(machine)) == 200
    assert machine.arrived()[5:] == beats(205, 2)


# The machine


async def test_after_a_reboot_the_show_is_where_it_would_be_and_what_was_missed_is_named(
    machine: Machine, autojump_clock: MockClock
) -> None:
    """L3, L12."""
    await machine.start()
    await trio.sleep(2.2)
    await machine.reboot(6)
    await machine.start()
    assert (deck(machine).playback, position(machine)) == (Playback.PLAYING, 8.2)
    await trio.sleep(7)
    assert machine.arrived() == [*beats(0, 5), *beats(17, 14)]
    assert missed(machine) == beats(5, 12)
    (line,) = said(machine, "resumed")
    assert line.startswith("the machine was started anew; after 6")
    assert ": /shows/song.json at 0:08.2" in line
    assert "12 cues missed (/beat, /beat," in line
    snapshot = machine.desk.ensemble.conductor.snapshot()
    assert snapshot.total.balanced


async def test_after_a_reboot_targets_are_put_into_the_state_of_the_position(
    machine: Machine, autojump_clock: MockClock
) -> None:
    port = machine.receive()
    machine.tracks["song.json"] = song("Intro 2", "Drop 2", "Outro 2")
    machine.written = one_deck(port, rules=LOOKS)
    await machine.start()
    await trio.sleep(5)
    assert machine.arrived(port) == ["/look/Intro 1", "/look/Intro 0", "/look/Drop 1"]
    await machine.reboot(4)
    await machine.start()
    await trio.sleep(0.1)
    assert machine.arrived(port)[3:] == ["/look/Drop 0", "/look/Outro 1"]


async def test_the_set_list_has_gone_on_meanwhile(machine: Machine, autojump_clock: MockClock) -> None:
    machine.written = one_deck(machine.receive(), track=SETLIST)
    await machine.start()
    await trio.sleep(7.2)
    await machine.reboot(4)
    await machine.start()
    await trio.sleep(0.1)
    assert (deck(machine).place, position(machine)) == (1, 3.3)
    assert missed(machine) == [*beats(15, 1), *beats(0, 7)]
    await trio.sleep(13)
    assert machine.arrived() == [*beats(0, 15), *beats(7, 9), *beats(0, 16)]


async def test_a_set_list_that_is_over_by_then_stays_at_its_end(machine: Machine, autojump_clock: MockClock) -> None:
    machine.written = one_deck(machine.receive(), track="setlist: [a.json]", rules=LOOKS)
    await machine.start()
    await trio.sleep(1)
    await machine.reboot(60)
    await machine.start()
    await trio.sleep(60)
    assert deck(machine).playback is Playback.ENDED
    assert machine.arrived() == ["/look/Intro 1", "/look/Intro 0"]


async def test_a_pause_stays_a_pause_and_a_rate_a_rate(machine: Machine, autojump_clock: MockClock) -> None:
    await machine.start()
    await machine.desk.do(SetRate(0.5))
    await trio.sleep(3)
    await machine.reboot(4)
    await machine.start()
    assert position(machine) == 3.5
    await machine.desk.do(Pause())
    await trio.sleep(5)
    await machine.reboot(60)
    await machine.start()
    assert (deck(machine).playback, position(machine)) == (Playback.PAUSED, 3.5)
    machine.desk.deck(None).play()
    await trio.sleep(1)
    assert position(machine) == 4.0


async def test_what_was_stopped_or_never_begun_does_not_begin_by_itself(
    machine: Machine, autojump_clock: MockClock
) -> None:
    await machine.start()
    await trio.sleep(1)
    await machine.desk.do(StopDeck())
    await trio.sleep(1)
    await machine.reboot(5)
    await machine.start()
    await trio.sleep(5)
    assert deck(machine).playback is Playback.ARMED
    assert machine.arrived() == beats(0, 3)


async def test_a_show_of_yesterday_begins_anew(machine: Machine, autojump_clock: MockClock) -> None:
    machine.written = one_deck(machine.receive(), start="armed")
    await machine.start()
    machine.desk.deck(None).play()
    await trio.sleep(1)
    await machine.reboot(24 * 3600)
    await machine.start()
    await trio.sleep(5)
    assert deck(machine).playback is Playback.ARMED
    assert "last seen 24 h ago, longer than 5 min (resume.within)" in machine.states[-1].notes[0]


async def test_where_civil_time_has_gone_back_nothing_is_guessed(machine: Machine, autojump_clock: MockClock) -> None:
    """F14: a machine without a battery, before it has asked for the time."""
    await machine.start()
    await trio.sleep(3)
    await machine.reboot(5, step=-3600)
    await machine.start()
    assert position(machine) == 0
    assert "the clock of this machine is wrong" in machine.states[-1].notes[0]


# Ends on purpose, and not


async def test_a_service_that_is_restarted_goes_on_and_replays_nothing(
    machine: Machine, autojump_clock: MockClock
) -> None:
    """L8."""
    port = machine.receive()
    machine.tracks["song.json"] = song("Intro 2", "Drop 2", "Outro 2")
    machine.written = one_deck(port, rules=LOOKS)
    await machine.start()
    await trio.sleep(5)
    await machine.signal(signal.SIGTERM)
    await trio.sleep(2)
    await machine.start()
    await trio.sleep(0.1)
    assert machine.arrived(port)[2:] == ["/look/Drop 1", "/look/Drop 0", "/look/Drop 1"]
    assert position(machine) == 7.1


async def test_a_show_that_somebody_has_ended_begins_anew(machine: Machine, autojump_clock: MockClock) -> None:
    await machine.start()
    await trio.sleep(3)
    await machine.signal(signal.SIGINT)
    await machine.start()
    assert position(machine) == 0


async def test_fresh_is_fresh(machine: Machine, autojump_clock: MockClock) -> None:
    await machine.start()
    await machine.desk.do(Mute("lights"))
    await trio.sleep(3)
    await machine.reboot(1)
    await machine.start(fresh=True)
    assert position(machine) == 0
    assert machine.desk.settings.muted == frozenset()


# What was set by hand


async def test_what_was_set_by_hand_holds_again_before_anything_is_sent(
    machine: Machine, autojump_clock: MockClock
) -> None:
    quiet, loud = machine.receive(), machine.receive()
    targets = f"targets: {{quiet: 'osc.udp://127.0.0.1:{quiet}', loud: 'osc.udp://127.0.0.1:{loud}'}}"
    rules = "rules: [{on: section, send: {to: [quiet, loud], address: /look, args: [label]}}]"
    machine.written = f"track: song.json\nclock: {{start: now}}\n{targets}\n{rules}\n"
    await machine.start()
    for command in (Mute("quiet"), Solo("loud"), SetTargetLead("loud", ms(70)), Lock()):
        await machine.desk.do(command)
    settings = machine.desk.settings
    await trio.sleep(1)
    assert (machine.arrived(quiet), machine.arrived(loud)) == (["/look Intro"], ["/look Intro"])
    for step in (machine.kill_daemon, lambda: machine.reboot(2)):
        await step()
        await machine.start()
        await trio.sleep(0.1)
        assert machine.desk.settings == settings
    assert machine.arrived(quiet) == ["/look Intro"]
    assert machine.arrived(loud) == ["/look Intro"] * 2
    await machine.desk.do(Mute("quiet", on=False))
    await machine.desk.do(Solo("loud", on=False))
    await trio.sleep(0.1)
    assert machine.arrived(quiet) == ["/look Intro"] * 2


async def test_a_panic_is_a_panic_until_somebody_releases_it(machine: Machine, autojump_clock: MockClock) -> None:
    await machine.start()
    await trio.sleep(1.2)
    await machine.desk.do(Panic())
    await trio.sleep(0.1)
    await machine.reboot(3)
    await machine.start()
    await trio.sleep(3)
    assert machine.arrived() == beats(0, 3)
    await machine.desk.do(Panic(on=False))
    await trio.sleep(1)
    assert len(machine.arrived()) == 5


async def test_who_was_on_air_is_on_air(machine: Machine, autojump_clock: MockClock) -> None:
    port = machine.receive()
    rules = LOOKS.replace("/look/{label}", "/{d}")
    decks = ", ".join(
        f"{name}: {{track: song.json, clock: {{start: now}}, {rules.replace('{d}', name)}}}" for name in "ab"
    )
    machine.written = (
        f"decks: {{{decks}}}\non_air: {{hand_over: now}}\ntargets: {{lights: 'osc.udp://127.0.0.1:{port}'}}\n"
    )
    await machine.start()
    await machine.desk.do(PutOnAir("b"))
    await trio.sleep(1)
    assert machine.arrived(port) == ["/a 1", "/a 0", "/b 1"]
    await machine.kill_daemon()
    await machine.start()
    await trio.sleep(1)
    assert machine.arrived(port)[3:] == []
    await machine.reboot(2)
    await machine.start()
    await trio.sleep(1)
    assert machine.desk.ensemble.on_air.master == "b"
    assert machine.arrived(port)[3:] == ["/b 1"]


async def test_a_track_that_was_loaded_by_hand_is_there_again(machine: Machine, autojump_clock: MockClock) -> None:
    machine.written = one_deck(machine.receive(), track=SETLIST)
    await machine.start()
    await machine.desk.do(LoadTrack(TrackChoice(origin=FromFile(Path("/shows/song.json")))))
    machine.desk.deck(None).play()
    await trio.sleep(2.2)
    await machine.reboot(1)
    await machine.start()
    material = machine.desk.deck(None).material
    assert material is not None
    assert material.name == "/shows/song.json"
    assert (position(machine), deck(machine).following) == (3.2, "/shows/b.json")


# Disks, databases, crashes


async def test_a_disk_that_takes_nothing_is_said_once_and_the_show_goes_on(
    machine: Machine, autojump_clock: MockClock
) -> None:
    """H8, H9."""
    machine.state.touch()  # a file where the folder should be
    await machine.start()
    await trio.sleep(9)
    assert len(said(machine, "state")) == 1
    assert "the show goes on" in said(machine, "state")[0]
    machine.state.unlink()
    await trio.sleep(9)
    assert said(machine, "state")[1:] == ["the state is kept again"]
    assert machine.arrived() == beats(0, 32)


async def test_without_any_state_a_daemon_takes_over_the_track_that_is_played_and_the_list_goes_on(
    machine: Machine, autojump_clock: MockClock
) -> None:
    machine.state.touch()
    machine.written = one_deck(machine.receive(), track=SETLIST)
    await machine.start()
    await trio.sleep(8.7)
    await machine.kill_daemon()
    await trio.sleep(1)
    await machine.start()
    assert deck(machine).place == 1
    await trio.sleep(16)
    assert machine.arrived() == beats(0, 16) * 3


async def test_a_daemon_that_dies_before_it_could_write_finds_what_is_played(
    machine: Machine, autojump_clock: MockClock
) -> None:
    machine.written = one_deck(machine.receive(), track=SETLIST)
    daemon = await machine.start()
    await trio.sleep(3.2)
    daemon.database.dead = True
    await machine.desk.do(Step(1))
    await trio.sleep(1)
    await machine.kill_daemon()
    await machine.start()
    assert (deck(machine).place, position(machine)) == (1, 1.0)
    await trio.sleep(16)
    assert machine.arrived() == [*beats(0, 7), *beats(0, 16), *beats(0, 16)]


async def test_a_database_that_is_damaged_while_it_is_used_is_begun_anew(
    machine: Machine, autojump_clock: MockClock
) -> None:
    await machine.start()
    await trio.sleep(2)
    await machine.kill_daemon()
    (machine.state / FILE).write_bytes(b"nonsense" * 999)
    await machine.start()
    await trio.sleep(2)
    assert position(machine) == 4.0
    assert "moved to" in machine.states[-1].notes[0]
    await machine.reboot(1)
    await machine.start()
    assert position(machine) == 5.0
    with sqlite3.connect(machine.state / FILE) as sql:
        assert sql.execute("PRAGMA quick_check").fetchone() == ("ok",)
    sql.close()


async def test_three_crashes_in_half_a_minute_lead_to_safe_mode_and_a_calm_run_out_of_it(
    machine: Machine, autojump_clock: MockClock
) -> None:
    """L4."""
    await machine.start()
    await machine.desk.do(Mute("lights"))
    for _ in range(3):
        assert not machine.states[-1].safe_mode
        await trio.sleep(5)
        await machine.reboot(1)
        await machine.start()
    assert machine.states[-1].safe_mode
    assert "safe mode" in machine.states[-1].notes[0]
    assert machine.desk.settings.muted == frozenset()
    await trio.sleep(60)
    await machine.reboot(1)
    await machine.start()
    assert not machine.states[-1].safe_mode
