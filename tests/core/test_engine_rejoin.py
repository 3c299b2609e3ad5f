"""An engine that takes over from one that died and left nothing but a line: nothing twice, what was missed is named."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.engine import MISSED, Engine, Gap
from beatsync.core.leads import Lead
from beatsync.core.schedule import Phase
from beatsync.core.transport import Transport, rate_of
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.core.verdicts import Cause, Verdict
from tests.core.random_shows import START, TARGETS, Key, RandomShow, Run, key_of, shows
from tests.core.shows import TARGET, schedule, song, written

LEADS = st.fixed_dictionaries({target.name: st.sampled_from([0, 0, 40, 1000, -40, -250]) for target in TARGETS})
GRID = st.integers(0, 59).map(lambda steps: ms(25 + steps * 50))


def played(show: RandomShow, leads: dict[str, int], until: int) -> Counter[Key]:
    """What playing from the top until then comes to."""
    run = Run(show, leads)
    run.engine.seek(Transport(START, TrackNs(0)), START)
    run.run_until(HostNs(START + until))
    return Counter(key_of(outcome.cue) for _, outcome in run.log if outcome.cause is Cause.PLAYED)


@settings(max_examples=200)
@given(shows(), LEADS, GRID, GRID)
def test_whatever_the_dead_one_has_come_to_is_not_played_again_and_nothing_is_left_out(
    show: RandomShow, leads: dict[str, int], death: int, gap: int
) -> None:
    before = played(show, leads, death)
    run = Run(show, leads, now=HostNs(START + death + gap))
    run.engine.rejoin(Transport(START, TrackNs(0)), Gap(HostNs(START + death), HostNs(START + death), 3), run.now)
    run.run_until(HostNs(START + ms(9000)))
    after = Counter(key_of(outcome.cue) for _, outcome in run.log if outcome.cause is Cause.PLAYED)
    chased = {key_of(outcome.cue) for _, outcome in run.log if outcome.cause is not Cause.PLAYED}
    everything = played(show, leads, ms(9000))
    assert before & after == Counter()
    assert all((before + after)[key] == 1 or key in chased for key in everything)
    assert max((before + after).values(), default=1) == 1
    assert {outcome.pass_number for _, outcome in run.log} <= {3}


@settings(max_examples=100)
@given(shows(), GRID, GRID, st.sampled_from([0.5, 1.0, 2.0]))
def test_after_it_the_looks_are_those_that_playing_on_would_have_left(
    show: RandomShow, death: int, gap: int, rate: float
) -> None:
    line = Transport(START, TrackNs(0), rate_of(rate))
    now = HostNs(START + death + gap)
    joined = Run(show, now=now)
    joined.engine.rejoin(line, Gap(HostNs(START + death), HostNs(START + death)), now)
    joined.run_until(now)
    sought = Run(show, now=now)
    sought.engine.seek(Transport(now, line.position_at(now), rate_of(rate)), now)
    sought.run_until(now)

    def looks(run: Run) -> dict[tuple[str, str], Key | None]:
        """What each look was told last; None for any end of it."""
        return {
            (outcome.cue.target, outcome.cue.look): key_of(outcome.cue) if outcome.cue.phase is Phase.START else None
            for _, outcome in run.log
            if outcome.to_send and outcome.cue.kind == "state" and outcome.cue.hold is None
        }

    assert looks(joined).items() >= looks(sought).items()


STROBE = "  - {on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}"
BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
SONG = song("Intro 2", "Drop 2", "Outro 2")


def gap(milliseconds: float, unsure: float = 0) -> Gap:
    """Since so long after the beginning, or so much later."""
    return Gap(HostNs(ms(milliseconds)), HostNs(ms(milliseconds + unsure)))


def rejoined(rules: str, death: float, now: float, lead: int = 0) -> list[str]:
    """What is decided at once when a playback of the song from the top is found again `now` seconds into it."""
    engine = Engine((TARGET,))
    engine.load(schedule(SONG, rules))
    engine.set_lead("lights", Lead(ms(lead)))
    at = HostNs(ms(now * 1000))
    engine.rejoin(Transport(HostNs(0), TrackNs(0)), gap(death * 1000), at)
    return [written(outcome) for outcome in engine.advance(at)]


def test_what_was_missed_is_named_with_its_reason() -> None:
    """L3."""
    engine = Engine((TARGET,))
    engine.load(schedule(SONG, BEATS))
    engine.rejoin(Transport(HostNs(0), TrackNs(0)), gap(1100), HostNs(ms(2600)))
    missed = engine.advance(HostNs(ms(2600)))
    assert [written(outcome) for outcome in missed] == [
        "skipped: /beat 1 4",
        "skipped: /beat 2 1",
        "skipped: /beat 2 2",
    ]
    assert {outcome.reason for outcome in missed} == {MISSED}
    assert {outcome.verdict for outcome in missed} == {Verdict.SKIPPED}


def test_a_look_that_should_have_ended_meanwhile_is_ended() -> None:
    assert "/strobe 0" in rejoined(STROBE, death=5, now=9)


def test_a_look_that_should_stand_is_put_up_again() -> None:
    """The receiver may have been rebooted too."""
    assert rejoined(STROBE, death=5, now=6) == ["/strobe 1"]


def test_what_a_lead_had_sent_before_the_death_is_not_sent_again_after_it() -> None:
    assert rejoined(BEATS, death=1.1, now=1.2, lead=1000) == []
    assert rejoined(BEATS, death=1.1, now=1.6, lead=1000) == ["/beat 2 2"]


def test_a_look_that_jumps_do_not_bring_in_is_ended_all_the_same_where_its_section_ends() -> None:
    engine = Engine((TARGET,))
    engine.load(schedule(SONG, STROBE.replace("send:", "jumped_into: ignore, send:", 1)))
    engine.rejoin(Transport(HostNs(0), TrackNs(0)), gap(5000), HostNs(ms(6000)))
    assert not any(outcome.to_send for outcome in engine.advance(HostNs(ms(6000))))
    assert [written(outcome) for outcome in engine.advance(HostNs(ms(8000)))] == ["/strobe 0"]


def test_one_that_is_silenced_is_told_nothing() -> None:
    engine = Engine((TARGET,))
    engine.silence("mute", ["lights"], HostNs(0))
    engine.load(schedule(SONG, STROBE))
    engine.rejoin(Transport(HostNs(0), TrackNs(0)), gap(5000), HostNs(ms(9000)))
    assert [outcome for outcome in engine.advance(HostNs(ms(9000))) if outcome.to_send] == []


def test_what_may_have_been_sent_without_word_is_not_sent_again_and_is_named() -> None:
    """L12: at most once; a lead of a second had some of it out before the power failed."""
    engine = Engine((TARGET,))
    engine.load(schedule(SONG, BEATS))
    engine.set_lead("lights", Lead(ms(1000)))
    engine.rejoin(Transport(HostNs(0), TrackNs(0)), gap(1100, unsure=500), HostNs(ms(2100)))
    named = [written(outcome) for outcome in engine.advance(HostNs(ms(2100)))]
    assert named == ["skipped: /beat 2 2", "/beat 2 3"]


def test_a_look_that_may_have_begun_without_word_is_ended() -> None:
    engine = Engine((TARGET,))
    pulse = STROBE.replace("send:", "kind: pulse, send:", 1)
    engine.load(schedule(SONG, pulse))
    engine.rejoin(Transport(HostNs(0), TrackNs(0)), gap(3900, unsure=500), HostNs(ms(9000)))
    assert [written(outcome) for outcome in engine.advance(HostNs(ms(9000))) if outcome.to_send] == ["/strobe 0"]


def test_a_button_that_was_pressed_right_before_the_death_is_let_go() -> None:
    button = "  - {on: downbeat, send: {address: /button, args: [1], end: {args: [0], after: 300ms}}}"
    assert rejoined(button, death=2.1, now=3) == ["/button 0"]


def test_a_paused_playback_is_found_paused_and_nothing_was_missed() -> None:
    engine = Engine((TARGET,))
    engine.load(schedule(SONG, f"{BEATS}\n{STROBE}"))
    held = Transport(HostNs(0), TrackNs(ms(5000)), rate_of(0))
    engine.rejoin(held, gap(100), HostNs(ms(9000)))
    assert engine.advance(HostNs(ms(9000))) == []
    engine.seek(Transport(HostNs(ms(10_000)), TrackNs(ms(5000))), HostNs(ms(10_000)))
    assert [written(outcome) for outcome in engine.advance(HostNs(ms(10_000)))] == ["/strobe 1", "/beat 3 3"]


def test_a_look_in_which_playback_was_paused_is_ended_when_it_is_stopped() -> None:
    engine = Engine((TARGET,))
    engine.load(schedule(SONG, STROBE))
    engine.rejoin(Transport(HostNs(0), TrackNs(ms(5000)), rate_of(0)), gap(100), HostNs(ms(9000)))
    engine.stop(HostNs(ms(9500)))
    assert [written(outcome) for outcome in engine.advance(HostNs(ms(9500)))] == ["/strobe 0"]
