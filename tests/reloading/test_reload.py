"""A reload of a show that plays, in virtual time."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.conductor.actions import Load, Retarget
from beatsync.config.configuration import HandOver
from beatsync.core.units import TrackNs, ms
from beatsync.decks.commands import Lock, Mute, Panic, PutOnAir, Reload, Reloaded, SeekTo, SetTargetLead, Solo, Step
from beatsync.decks.state import Playback
from beatsync.errors import CommandRefused, ConfigError, SourceError
from tests.core.shows import song
from tests.decks.booth import TARGETS, Booth, one_deck

LOOKS = 'rules: [{on: section, send: {address: "/%s/{label}", args: [1], end: {args: [0]}}}]'
BEATS = "rules: [{on: beat, send: {address: /%s, args: [bar, beat]}}]"
TWO = "{lights: 'osc.udp://127.0.0.1:7700', visuals: 'osc.udp://127.0.0.1:7701'}"


def beats(address: str, first: int, count: int) -> list[str]:
    """`/beat 1 1` and so on, from the beat of this number on."""
    return [f"/{address} {number // 4 + 1} {number % 4 + 1}" for number in range(first, first + count)]


def two_decks(*, rules: str = BEATS % "{d}", targets: str = TARGETS, b: str = "", on_air: str = "a") -> str:
    """Two decks that say who they are."""
    decks = ", ".join(
        f"{name}: {{track: song.json, clock: {{start: armed}}, {rules.replace('{d}', name)}{extra}}}"
        for name, extra in (("a", ""), ("b", b))
    )
    return f"decks: {{{decks}}}\non_air: {{deck: {on_air}, hand_over: now}}\n{targets}\n"


# Rules


async def test_edited_rules_hold_from_the_next_cue_on_and_nothing_is_lost_or_doubled(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """L2, I16."""
    booth = Booth(nursery, one_deck(rules=BEATS % "old"))
    booth.deck.play()
    await trio.sleep(2.2)
    outcome = await booth.edit(one_deck(rules=BEATS % "new"))
    await trio.sleep(7)
    assert booth.sent == beats("old", 0, 5) + beats("new", 5, 11)
    assert outcome.changes == ("rules: changed rules[0]",)
    assert booth.rig.snapshot().total.balanced


async def test_a_look_that_an_edit_changes_is_ended_and_shown_anew_in_the_same_instant(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, one_deck(rules=LOOKS % "old"))
    booth.deck.play()
    await trio.sleep(1)
    await booth.edit(one_deck(rules=LOOKS % "new"))
    assert booth.sent == ["/old/Intro 1", "/old/Intro 0", "/new/Intro 1"]
    assert len({report.at for report in booth.reports[1:]}) == 1


async def test_an_edit_that_changes_nothing_does_nothing(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    await trio.sleep(1.2)
    material = booth.deck.material
    outcome = await booth.edit(one_deck() + "# a comment\n")
    assert outcome.text == "reloaded: nothing has changed"
    assert booth.deck.material is material
    await trio.sleep(7)
    assert booth.sent == beats("beat", 0, 16)


async def test_everything_that_changes_changes_with_one_word_to_the_conductor(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, two_decks())
    booth.rig.told.clear()
    rules = (BEATS % "other").replace("send: {", "send: {to: [lights, visuals], ")
    await booth.edit(two_decks(rules=rules, targets=f"targets: {TWO}"))
    (actions,) = booth.rig.told
    assert isinstance(actions[0], Retarget)
    assert {action.deck for action in actions if isinstance(action, Load)} == {"a", "b"}


# Bad files


async def test_a_bad_file_changes_nothing_and_says_why_to_everybody(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """L1."""
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    await trio.sleep(1.2)
    with pytest.raises(ConfigError, match=r"show\.yaml:4:\d+: .*sectoin"):
        await booth.edit(one_deck(rules="rules: [{on: sectoin, send: {address: /x}}, {on: beat}]"))
    grave = [news for news in booth.news if news.grave]
    assert [news.event for news in grave] == ["reload", "problem"]
    assert "goes on as it was" in grave[0].text
    assert len(grave[0].fields["problems"]) == 2
    await trio.sleep(7)
    assert booth.sent == beats("beat", 0, 16)


async def test_a_track_that_cannot_be_had_changes_nothing_either(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    with pytest.raises(SourceError, match="gone"):
        await booth.edit(one_deck(track="gone.json", rules=BEATS % "new"))
    assert booth.ensemble.configuration.decks["main"].track == booth.deck.choice.track
    await trio.sleep(9)
    assert booth.sent == beats("beat", 0, 16)


async def test_a_file_that_is_just_being_written_is_looked_at_once_more(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """C11."""
    booth = Booth(nursery, one_deck())
    nursery.start_soon(booth.edit, one_deck(rules=BEATS % "new")[:-12])
    await trio.sleep(0.1)
    booth.written = one_deck(rules=BEATS % "new")
    await trio.sleep(0.2)
    assert booth.said[-1] == "reloaded: rules: changed rules[0]"
    assert not any(news.grave for news in booth.news)


# Targets


async def test_a_target_that_comes_is_put_into_the_present_state_and_one_that_goes_out_of_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rules = LOOKS.replace("send: {", "send: {to: [%s], ") % ("lights", "look")
    booth = Booth(nursery, one_deck(rules=rules))
    booth.deck.play()
    await trio.sleep(1)
    both = one_deck(rules=rules.replace("[lights]", "[lights, visuals]")).replace(TARGETS, f"targets: {TWO}")
    outcome = await booth.edit(both)
    assert "target visuals added: osc.udp://127.0.0.1:7701" in outcome.changes
    assert len(booth.rig.recorders["visuals"].packets) == 1
    only = one_deck(rules=rules.replace("lights", "visuals"))
    outcome = await booth.edit(only.replace(TARGETS, "targets: {visuals: 'osc.udp://127.0.0.1:7701'}"))
    assert "target lights removed" in outcome.changes
    assert [report.outcome.cue.target for report in booth.reports] == ["lights", "visuals", "lights"]
    assert booth.sent[-1] == "/look/Intro 0"


# What people have set by hand


async def test_leads_and_mutes_that_were_set_by_hand_survive(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    rules = (BEATS % "beat").replace("send: {", "send: {to: [lights, visuals], ")
    booth = Booth(nursery, one_deck(rules=rules).replace(TARGETS, f"targets: {TWO}"))
    await booth.desk.do(SetTargetLead("lights", ms(40)))
    await booth.desk.do(Mute("visuals"))
    edited = TWO.replace("'osc.udp://127.0.0.1:7700'", "{url: 'osc.udp://127.0.0.1:7700', lead: 7ms}")
    outcome = await booth.edit(one_deck(rules=rules).replace(TARGETS, f"targets: {edited}"))
    assert "target lights: lead stays as set by hand" in outcome.changes
    assert booth.desk.targets[0].lead.real == ms(40)
    assert next(target for target in booth.rig.targets if target.name == "lights").lead.real == ms(40)
    booth.deck.play()
    await trio.sleep(1)
    assert {report.outcome.cue.target for report in booth.reports if report.outcome.to_send} == {"lights"}


async def test_a_target_that_comes_while_others_are_soloed_is_not_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rules = LOOKS % "look"
    booth = Booth(nursery, one_deck(rules=rules))
    booth.deck.play()
    await trio.sleep(1)
    await booth.desk.do(Solo("lights"))
    to_all = rules.replace("send: {", "send: {to: [lights, visuals], ")
    await booth.edit(one_deck(rules=to_all).replace(TARGETS, f"targets: {TWO}"))
    assert booth.rig.recorders["visuals"].packets == []
    await booth.desk.do(Solo("lights", on=False))
    assert len(booth.rig.recorders["visuals"].packets) == 1


async def test_when_the_last_soloed_target_goes_the_others_are_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rules = LOOKS.replace("send: {", "send: {to: [visuals], ") % "look"
    booth = Booth(nursery, one_deck(rules=rules).replace(TARGETS, f"targets: {TWO}"))
    booth.deck.play()
    await booth.desk.do(Solo("lights"))
    assert booth.sent == ["/look/Intro 1", "/look/Intro 0"]
    await booth.edit(one_deck(rules=rules).replace(TARGETS, "targets: {visuals: 'osc.udp://127.0.0.1:7701'}"))
    assert booth.sent[2:] == ["/look/Intro 1"]


async def test_in_a_panic_nothing_fires_after_a_reload_either_and_what_comes_is_made_safe(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    await booth.desk.do(Panic())
    count = len(booth.sent)
    safe = "{url: 'osc.udp://127.0.0.1:7701', safe: {address: /dark, args: [1]}}"
    to_all = "rules: [{on: beat, send: {to: [lights, visuals], address: /beat, args: [bar, beat]}}]"
    await booth.edit(
        one_deck(rules=to_all).replace(TARGETS, f"targets: {TWO}".replace("'osc.udp://127.0.0.1:7701'", safe))
    )
    await trio.sleep(2)
    assert booth.sent[count:] == ["/dark 1"]
    await booth.desk.do(Panic(on=False))
    await trio.sleep(1)
    assert len(booth.sent) > count + 1


async def test_the_show_lock_refuses_a_reload(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck())
    await booth.desk.do(Lock())
    with pytest.raises(CommandRefused, match="locked"):
        await booth.edit(one_deck(rules=BEATS % "new"))
    await booth.desk.do(Lock(on=False))
    assert (await booth.edit(one_deck(rules=BEATS % "new"))).changes


# Tracks


async def test_another_structure_of_the_track_that_plays_goes_live_where_it_stands(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """I16: the drop comes a bar earlier in the new analysis."""
    booth = Booth(nursery, one_deck(rules=LOOKS % "look"))
    booth.deck.play()
    await trio.sleep(3)
    booth.shelf.tracks["song.json"] = song("Intro 1", "Drop 3")
    outcome = await booth.desk.do(Reload())
    assert booth.sent == ["/look/Intro 1", "/look/Intro 0", "/look/Drop 1"]
    assert isinstance(outcome, Reloaded)
    (line,) = outcome.changes
    assert line.startswith("/shows/song.json: section Intro 0:00.000 to 0:04.000 → 0:00.000 to 0:02.000")
    assert booth.deck.state().position == 3 * 10**9


async def test_another_track_is_loaded_and_armed(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck("now", rules=LOOKS % "look"))
    booth.shelf.tracks["other.json"] = song("Break 4")
    booth.begin()
    await trio.sleep(1)
    outcome = await booth.edit(one_deck("now", rules=LOOKS % "look", track="other.json"))
    assert outcome.changes == ("track /shows/song.json → /shows/other.json",)
    assert booth.sent == ["/look/Intro 1", "/look/Intro 0"]
    assert booth.deck.state().playback is Playback.ARMED
    booth.deck.play()
    assert booth.sent[-1] == "/look/Break 1"


async def test_a_set_list_may_be_edited_while_it_plays(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    tracks = {name: song("Intro 1") for name in ("a.json", "b.json", "c.json", "d.json")}
    booth = Booth(nursery, f"setlist: [a.json, b.json]\nclock: {{start: now}}\n{TARGETS}\n{BEATS % 'beat'}\n", tracks)
    booth.begin()
    await trio.sleep(1)
    await booth.edit(f"setlist: [d.json, a.json, c.json]\nclock: {{start: now}}\n{TARGETS}\n{BEATS % 'beat'}\n")
    assert (booth.deck.state().place, booth.deck.state().following) == (1, "/shows/c.json")
    await trio.sleep(1.1)
    assert booth.deck.state().place == 2
    assert booth.deck.material is not None
    assert booth.deck.material.name == "/shows/c.json"
    assert booth.sent == beats("beat", 0, 4) + beats("beat", 0, 1)


async def test_one_track_becomes_a_set_list_and_goes_on_into_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, one_deck("now"))
    booth.shelf.tracks["b.json"] = song("Outro 1")
    booth.begin()
    await trio.sleep(1)
    await booth.edit(one_deck("now").replace("track: song.json", "setlist: [song.json, b.json]"))
    await trio.sleep(10)
    assert booth.sent == beats("beat", 0, 16) + beats("beat", 0, 4)


async def test_what_is_loaded_while_the_files_are_read_is_what_is_renewed(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tracks = {"a.json": song("Intro 1"), "b.json": song("Intro 2")}
    written = f"setlist: [a.json, b.json]\nclock: {{start: armed}}\n{TARGETS}\n{BEATS % '%s'}\n"
    booth = Booth(nursery, written % "old", tracks)
    booth.shelf.seconds = 0.5
    nursery.start_soon(booth.edit, written % "new")
    await trio.sleep(0.1)
    await booth.desk.do(Step(1))
    await trio.sleep(2)
    booth.deck.play()
    await trio.sleep(5)
    assert booth.sent == beats("new", 0, 8)


# Decks


async def test_a_deck_that_comes_begins_and_one_that_goes_ends_its_looks(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rules = LOOKS % "{d}"
    booth = Booth(nursery, two_decks(rules=rules))
    booth.ensemble.decks["a"].play()
    text = two_decks(rules=rules).replace("on_air", "#").split("\n", 1)
    third = text[0][:-1] + f", c: {{track: song.json, clock: {{start: now}}, {LOOKS % 'c'}}}}}\n" + text[1]
    outcome = await booth.edit(third)
    assert outcome.changes[0] == "deck c added"
    state = booth.ensemble.decks["c"].state()
    assert (state.playback, state.on_air) == (Playback.PLAYING, False)
    await booth.desk.do(PutOnAir("c", HandOver.NOW))
    await trio.sleep(0.1)
    assert booth.sent == ["/a/Intro 1", "/a/Intro 0", "/c/Intro 1"]
    outcome = await booth.edit(two_decks(rules=rules))
    assert "deck c removed" in outcome.changes
    assert booth.sent[3:] == ["/c/Intro 0", "/a/Intro 1"]
    assert booth.ensemble.on_air.master == "a"


async def test_a_new_target_does_not_hear_a_deck_that_is_off_air(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rules = (LOOKS % "{d}").replace("send: {", "send: {to: [lights, visuals], ")
    alone = (LOOKS % "{d}").replace("send: {", "send: {to: lights, ")
    booth = Booth(nursery, two_decks(rules=alone))
    for deck in booth.ensemble.decks.values():
        deck.play()
    await booth.edit(two_decks(rules=rules, targets=f"targets: {TWO}"))
    visuals = [booth.told(report) for report in booth.reports if report.outcome.cue.target == "visuals"]
    assert visuals[0] == "/a/Intro 1"
    await trio.sleep(9)
    heard = {
        report.outcome.deck
        for report in booth.reports
        if report.outcome.to_send and report.outcome.cue.target == "visuals"
    }
    assert heard == {"a"}


async def test_a_deck_that_gets_a_prefix_is_heard_with_it_and_one_that_loses_it_is_silent(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rules = LOOKS % "{d}"
    booth = Booth(nursery, two_decks(rules=rules))
    for deck in booth.ensemble.decks.values():
        deck.play()
    assert booth.sent == ["/a/Intro 1"]
    await booth.edit(two_decks(rules=rules, b=", off_air: {prefix: /preview}"))
    assert booth.sent[1:] == ["/preview/b/Intro 1"]
    await booth.edit(two_decks(rules=rules))
    assert booth.sent[2:] == ["/preview/b/Intro 0"]


async def test_from_one_deck_to_two_and_back(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck("now", rules=LOOKS % "main"))
    booth.begin()
    await booth.edit(two_decks(rules=LOOKS % "{d}"))
    assert booth.sent == ["/main/Intro 1", "/main/Intro 0"]
    booth.ensemble.decks["b"].play()
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(0.1)
    assert booth.sent[2:] == ["/b/Intro 1"]
    await booth.edit(one_deck("armed", rules=LOOKS % "main"))
    assert booth.sent[3:] == ["/b/Intro 0"]
    booth.deck.play()
    assert booth.sent[4:] == ["/main/Intro 1"]


# Clocks


async def test_how_a_deck_starts_may_be_edited_while_it_plays_and_changes_nothing_then(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, one_deck("now"))
    booth.begin()
    await trio.sleep(1)
    outcome = await booth.edit(one_deck("armed"))
    assert outcome.changes == ("clock start now → start armed",)
    await trio.sleep(1)
    booth.deck.pause()
    assert booth.deck.state().position == 2 * 10**9
    booth.deck.play()
    await trio.sleep(7)
    assert booth.sent == beats("beat", 0, 16)


async def test_an_instant_of_civil_time_that_is_edited_moves_playback_there(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    wall = TrioClock().wall() / 1e9
    booth = Booth(nursery, one_deck(f"{wall:.3f}"))
    booth.begin()
    await trio.sleep(1)
    await booth.edit(one_deck(f"{wall - 3:.3f}"))
    assert booth.deck.state().position == 4 * 10**9
    await booth.desk.do(SeekTo(TrackNs(6 * 10**9)))
    assert booth.deck.state().position == 6 * 10**9


async def test_leads_of_tracks_and_targets_are_tuned_live(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, one_deck())
    booth.deck.play()
    await trio.sleep(1.2)
    slow = TARGETS.replace("max_rate: 100000", "max_rate: 100000, lead: 100ms")
    outcome = await booth.edit(
        one_deck(track="{file: song.json, lead: 50ms}").replace(TARGETS, slow),
    )
    assert outcome.changes == ("track /shows/song.json: lead 0 ms → 50 ms", "target lights: lead 0 ms → 100 ms")
    start = booth.reports[0].at
    await trio.sleep(2)
    assert booth.reports[3].at - start == ms(1350)
    assert replace(booth.rig.targets[0]).lead.real == ms(100)
