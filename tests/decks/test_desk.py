"""The desk: what people do to targets, panic, and the show lock."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from beatsync.core.leads import Lead
from beatsync.core.units import DurationNs, TrackNs, ms
from beatsync.decks.commands import (
    LoadTrack,
    Lock,
    Mute,
    Panic,
    Pause,
    Play,
    Reload,
    SeekTo,
    SetTargetLead,
    Solo,
    StopDeck,
)
from beatsync.decks.desk import Settings
from beatsync.errors import CommandRefused, UsageError
from tests.core.shows import song
from tests.decks.booth import Booth

LOOKS = 'rules: [{on: section, send: {to: [lights, visuals, fog], address: "/{label}", args: [1], end: {args: [0]}}}]'
BEATS = "rules: [{on: beat, send: {to: [lights, visuals, fog], address: /beat}}]"
NAMES = ("lights", "visuals", "fog")


def written(rules: str = LOOKS, safe: str = "") -> str:
    targets = ", ".join(
        f"{name}: {{url: 'osc.udp://127.0.0.1:{7700 + number}'{safe if name == 'lights' else ''}}}"
        for number, name in enumerate(NAMES)
    )
    return f"track: song.json\nclock: {{start: armed}}\ntargets: {{{targets}}}\n{rules}\n"


@pytest.fixture
def booth(nursery: trio.Nursery) -> Booth:
    return Booth(nursery, written(), {"song.json": song("Intro 4", "Drop 4")})


def told(booth: Booth) -> list[str]:
    """What was sent since this was last asked: `lights /Intro 1`."""
    texts = [f"{report.outcome.cue.target} {booth.told(report)}" for report in booth.reports if report.outcome.to_send]
    booth.reports.clear()
    return texts


def everybody(text: str) -> list[str]:
    return [f"{name} {text}" for name in NAMES]


# Mute and solo


async def test_a_muted_target_gets_the_ends_of_its_looks_then_nothing_then_the_present_state(
    booth: Booth, autojump_clock: MockClock
) -> None:
    booth.deck.play()
    assert told(booth) == everybody("/Intro 1")
    await booth.desk.do(Mute("lights"))
    assert told(booth) == ["lights /Intro 0"]
    await trio.sleep(9)
    assert told(booth) == ["visuals /Intro 0", "fog /Intro 0", "visuals /Drop 1", "fog /Drop 1"]
    await booth.desk.do(Mute("lights", on=False))
    assert told(booth) == ["lights /Drop 1"]


async def test_muting_twice_is_muting_once(booth: Booth, autojump_clock: MockClock) -> None:
    booth.deck.play()
    await booth.desk.do(Mute("lights"))
    await booth.desk.do(Mute("lights"))
    told(booth)
    await booth.desk.do(Mute("lights", on=False))
    await booth.desk.do(Mute("lights", on=False))
    assert told(booth) == ["lights /Intro 1"]


async def test_only_those_that_are_soloed_are_heard(booth: Booth, autojump_clock: MockClock) -> None:
    booth.deck.play()
    told(booth)
    await booth.desk.do(Solo("fog"))
    assert told(booth) == ["lights /Intro 0", "visuals /Intro 0"]
    await booth.desk.do(Solo("visuals"))
    assert told(booth) == ["visuals /Intro 1"]
    await booth.desk.do(Solo("fog", on=False))
    assert told(booth) == ["fog /Intro 0"]
    await booth.desk.do(Solo("visuals", on=False))
    assert sorted(told(booth)) == ["fog /Intro 1", "lights /Intro 1"]


async def test_what_is_muted_is_not_heard_though_it_is_soloed(booth: Booth, autojump_clock: MockClock) -> None:
    booth.deck.play()
    told(booth)
    await booth.desk.do(Solo("fog"))
    await booth.desk.do(Mute("fog"))
    told(booth)
    await booth.desk.do(Solo("fog", on=False))
    assert told(booth) == ["lights /Intro 1", "visuals /Intro 1"]
    await booth.desk.do(Mute("fog", on=False))
    assert told(booth) == ["fog /Intro 1"]


async def test_a_cue_that_is_not_sent_says_why(booth: Booth, autojump_clock: MockClock) -> None:
    await booth.desk.do(Mute("lights"))
    await booth.desk.do(Solo("fog"))
    booth.deck.play()
    await trio.sleep(0.1)
    reasons = {report.outcome.cue.target: report.outcome.reason for report in booth.reports}
    assert reasons == {"lights": "mute", "visuals": "solo", "fog": ""}
    assert booth.rig.snapshot().total.balanced


# Leads


async def test_a_lead_is_set_live_and_what_that_makes_due_is_due_now(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, written(BEATS), {"song.json": song("Intro 4")})
    booth.deck.play()
    await trio.sleep(0.3)
    told(booth)
    await booth.desk.do(SetTargetLead("fog", ms(250)))
    assert told(booth) == ["fog /beat"]
    await trio.sleep(0.3)
    assert told(booth) == ["lights /beat", "visuals /beat"]
    assert booth.desk.targets[2].lead == Lead(ms(250))


async def test_the_two_parts_of_a_lead_are_set_one_by_one_within_bounds(
    booth: Booth, autojump_clock: MockClock
) -> None:
    await booth.desk.do(SetTargetLead("fog", ms(250)))
    await booth.desk.do(SetTargetLead("fog", None, ms(-10)))
    assert booth.desk.targets[2].lead == Lead(ms(250), ms(-10))
    with pytest.raises(UsageError, match="at most 10s either way"):
        await booth.desk.do(SetTargetLead("fog", DurationNs(10**10 + 1)))
    with pytest.raises(UsageError, match="there is no target 'haze'; there are lights, visuals, fog"):
        await booth.desk.do(SetTargetLead("haze", ms(1)))


# Panic


async def test_a_panic_ends_every_look_makes_every_target_safe_and_silences_all_until_it_is_over(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    safe = ", safe: [{address: /blackout, args: [1]}, {address: /stop}]"
    booth = Booth(nursery, written(safe=safe), {"song.json": song("Intro 4", "Drop 4")})
    booth.deck.play()
    told(booth)
    await booth.desk.do(Panic())
    assert sorted(told(booth)) == sorted([*everybody("/Intro 0"), "lights /blackout 1", "lights /stop"])
    assert booth.news[-1].grave
    await booth.desk.do(Panic())
    await booth.desk.do(SeekTo(TrackNs(ms(9000))))
    await trio.sleep(1)
    assert told(booth) == []
    await booth.desk.do(Panic(on=False))
    assert told(booth) == everybody("/Drop 1")
    await booth.desk.do(Panic(on=False))
    assert told(booth) == []


async def test_what_was_muted_before_a_panic_is_muted_after_it(booth: Booth, autojump_clock: MockClock) -> None:
    booth.deck.play()
    await booth.desk.do(Mute("lights"))
    await booth.desk.do(Panic())
    told(booth)
    await booth.desk.do(Panic(on=False))
    assert told(booth) == ["visuals /Intro 1", "fog /Intro 1"]


# Lock


async def test_the_lock_refuses_edits_and_lets_the_show_be_operated(booth: Booth, autojump_clock: MockClock) -> None:
    await booth.desk.do(Lock())
    choice = booth.deck.choice.track
    assert choice is not None
    for edit in (LoadTrack(choice), SetTargetLead("fog", ms(1)), Reload()):
        with pytest.raises(CommandRefused, match="the show is locked; unlock it first"):
            await booth.desk.do(edit)
    for operation in (Play(), Pause(), SeekTo(TrackNs(0)), Mute("fog"), Panic(), Panic(on=False), StopDeck()):
        await booth.desk.do(operation)
    await booth.desk.do(Lock(on=False))
    await booth.desk.do(SetTargetLead("fog", ms(1)))


# Restarts


async def test_settings_are_restored_for_the_targets_that_there_are(booth: Booth, autojump_clock: MockClock) -> None:
    booth.deck.play()
    await booth.desk.do(Mute("visuals"))
    told(booth)
    settings = Settings(
        leads={"fog": Lead(ms(7)), "gone": Lead(ms(8))}, muted=frozenset({"lights", "gone"}), locked=True
    )
    booth.rig.do(*booth.desk.restore(settings))
    assert sorted(told(booth)) == ["lights /Intro 0", "visuals /Intro 1"]
    assert booth.desk.settings == Settings(leads={"fog": Lead(ms(7))}, muted=frozenset({"lights"}), locked=True)


async def test_whoever_waits_for_a_command_is_told_of_each(booth: Booth, autojump_clock: MockClock) -> None:
    before = booth.desk.commanded
    await booth.desk.do(Mute("fog"))
    assert before.is_set()
    assert not booth.desk.commanded.is_set()
