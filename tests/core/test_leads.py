"""Leads in real and in track time: the same at the recorded rate, different at any other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.transport import Transport, rate_of
from beatsync.core.units import HostNs, TrackNs, ms
from tests.core.shows import TARGET, Player, schedule, song

SONG = song("Intro 4", "Drop 4")
DROP = "  - {on: section, when: {label: Drop}, kind: pulse, send: {address: /drop}}"


def when_it_came(lead: Lead, rate: float, rules: str = DROP) -> float:
    """How many seconds before the drop, in real time, its cue was sent."""
    target = replace(TARGET, lead=lead)
    player = Player(schedule(SONG, rules, target), (target,))
    start = player.seconds
    player.play(at=0, rate=rate)
    player.run(30)
    (outcome,) = player.log
    return start + 8 / rate - outcome.due / 1e9


@pytest.mark.parametrize(("rate", "before"), [(1.0, 0.1), (2.0, 0.1), (0.5, 0.1)])
def test_a_lead_in_real_time_is_as_long_at_any_rate(rate: float, before: float) -> None:
    assert when_it_came(Lead(ms(100)), rate) == pytest.approx(before)


@pytest.mark.parametrize(("rate", "before"), [(1.0, 0.1), (2.0, 0.05), (0.5, 0.2)])
def test_a_lead_in_track_time_is_a_place_in_the_music(rate: float, before: float) -> None:
    assert when_it_came(Lead(track=ms(100)), rate) == pytest.approx(before)


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0])
def test_a_rules_lead_comes_on_top_of_its_targets(rate: float) -> None:
    rules = DROP.replace("kind: pulse", "kind: pulse, lead: 30ms, track_lead: -40ms")
    assert when_it_came(Lead(ms(100), ms(20)), rate, rules) == pytest.approx(0.13 - 0.02 / rate)


def test_a_tracks_lead_moves_everything_at_once() -> None:
    player = Player(schedule(SONG, DROP))
    player.play(at=0)
    player.run(7.5)
    player.stall(0)
    player.engine.set_track_lead(Lead(ms(600)))
    assert player.run(0.001) == ["/drop"]


def test_leads_of_two_rules_on_one_target_keep_each_its_own_time() -> None:
    rules = f"{DROP.replace('kind: pulse', 'kind: pulse, lead: 2s')}\n{DROP.replace('/drop', '/then')}"
    player = Player(schedule(SONG, rules))
    player.play(at=0)
    assert player.run(5.9) == []
    assert player.run(0.2) == ["/drop"]
    assert player.run(1.8) == []
    assert player.run(0.2) == ["/then"]


def test_a_look_that_two_rules_share_with_different_leads_is_what_was_sent_last() -> None:
    rules = """
  - {on: section, when: {label: Drop}, lead: 2s, send: {address: /look, look: one, args: [drop]}}
  - {on: section, when: {label: Intro}, send: {address: /look, look: one, args: [intro]}}
""".replace("[drop]", "[{s: drop}]").replace("[intro]", "[{s: intro}]")
    player = Player(schedule(SONG, rules))
    assert player.play(at=5) == ["/look intro"]
    assert player.run(2) == ["/look drop"]
    assert player.play(at=7.5) == []
    assert player.play(at=5) == ["/look intro"]


LONGER = "lead: 300ms, "


@pytest.mark.parametrize(("before", "after"), [("", LONGER), (LONGER, ""), (LONGER, "lead: 1s, ")])
@pytest.mark.parametrize("at", [7.0, 7.5, 7.8, 7.95, 8.05])
def test_a_rule_that_gets_another_lead_while_it_plays_sends_nothing_twice_and_loses_nothing(
    before: str, after: str, at: float
) -> None:
    def rules(lead: str) -> str:
        return DROP.replace("kind: pulse", f"{lead}kind: pulse")

    player = Player(schedule(SONG, rules(before)))
    player.play(at=0)
    sent = player.run(at) + player.load(schedule(SONG, rules(after))) + player.run(2)
    assert sent == ["/drop"]


@given(
    st.integers(-(10**10), 10**10),
    st.integers(-(10**10), 10**10),
    st.integers(-(10**12), 10**12),
    st.floats(0.01, 16),
)
def test_a_cue_is_due_from_exactly_its_deadline_on(real: int, track: int, position: int, rate: float) -> None:
    lead = Lead(ms(0), ms(0)) + Lead(type(ms(0))(real), type(ms(0))(track))
    transport = Transport(HostNs(5 * 10**12), TrackNs(123), rate_of(rate))
    deadline = lead.deadline(transport, TrackNs(position))
    assert lead.reach(transport, deadline) >= position
    assert lead.reach(transport, HostNs(deadline - 1)) < position


def test_no_lead_changes_nothing() -> None:
    assert Lead(ms(3), ms(4)) + NO_LEAD == Lead(ms(3), ms(4))
