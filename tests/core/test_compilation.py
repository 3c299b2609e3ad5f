"""Rules and a track to a schedule: moments, conditions, shifts, arguments, what is missing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.compilation import compile_schedule
from beatsync.core.default_rules import default_rules
from beatsync.core.moments import Moments, _place_meets
from beatsync.core.rules import Conditions
from beatsync.core.schedule import Cue, Phase
from beatsync.core.track import Track
from beatsync.core.units import seconds_from_ns
from beatsync.errors import ConfigError
from tests.core.shows import TARGET, rules_of, schedule, song

# 2 s a bar: Intro 0, Build 4, Drop 8, Break 16, Build 18, Drop 22, Outro 30 to 34.
SONG = song("Intro 2 1", "Build 2 2", "Drop 4 3", "Break 1 1", "Build 2 3", "Drop 4 4", "Outro 2")


def cues(track: Track, rule: str) -> list[Cue]:
    return [cue for cue in schedule(track, f"  - {rule}").cues if cue.phase is Phase.START]


def at(track: Track, rule: str) -> list[float]:
    """Where the cues of a rule lie, in seconds."""
    return [round(seconds_from_ns(cue.position), 3) for cue in cues(track, rule)]


def on(moment: str, when: str = "{}", more: str = "") -> str:
    return f'{{on: "{moment}", when: {when}, {more} send: {{address: /cue}}}}'


# Moments


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("section", [0, 4, 8, 16, 18, 22, 30]),
        ("section end", [4, 8, 16, 18, 22, 30, 34]),
        ("track", [0]),
        ("track end", [34]),
        ("every 4 bars", [0, 8, 16, 24, 32]),
        ("every 4 bars of section", [0, 4, 8, 16, 18, 22, 30]),
        ("every 3 bars of section", [0, 4, 8, 14, 16, 18, 22, 28, 30]),
    ],
)
def test_moments_lie_where_the_music_has_them(moment: str, seconds: list[float]) -> None:
    assert at(SONG, on(moment)) == seconds


def test_every_beat_and_every_downbeat_are_there() -> None:
    assert len(at(SONG, on("beat"))) == 17 * 4
    assert at(SONG, on("downbeat")) == [2.0 * bar for bar in range(17)]


def test_phrases_are_a_layer_of_their_own() -> None:
    phrases = [{"start": 1.0, "end": 9.5, "label": "Verse"}, {"start": 9.5, "end": 20, "label": "Chorus"}]
    track = song("Intro 10", phrases=phrases)
    assert at(track, on("phrase")) == [1.0, 9.5]
    assert at(track, on("phrase end", "{label: verse}")) == [9.5]
    assert at(track, on("section")) == [0]


@given(st.integers(0, 3), st.integers(1, 8), st.lists(st.integers(2, 7), min_size=1, max_size=30))
def test_every_n_bars_is_really_n_bars_whatever_the_pick_up_and_the_metre(
    pick_up: int,
    count: int,
    beats: list[int],
) -> None:
    track = song(f"Intro {len(beats)}", pick_up=pick_up, beats_in_bar=dict(enumerate(beats, start=1)))
    assert track.grid is not None
    starts = [bar.start for bar in track.grid.bars if bar.number > 0]
    assert [cue.position for cue in cues(track, on(f"every {count} bars"))] == starts[::count]


def test_every_two_beats_counts_from_the_first_downbeat_through_the_pick_up() -> None:
    track = song("Intro 2", pick_up=3)
    assert at(track, on("every 2 beats")) == [0.5, 1.5, 2.5, 3.5, 4.5]


# Conditions


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("{label: drop}", [8, 22]),
        ("{label: [Drop, OUTRO]}", [8, 22, 30]),
        ('{energy: ">= 3"}', [8, 18, 22]),
        ("{energy: 2..3}", [4, 8, 18]),
        ("{energy: [1, 4]}", [0, 16, 22]),
        ("{energy_change: up}", [4, 8, 18, 22]),
        ('{energy_change: ">= 2"}', [18]),
        ("{energy_change: down}", [16]),
        ("{label: Drop, occurrence: first}", [8]),
        ("{label: Drop, occurrence: last}", [22]),
        ("{label: Drop, occurrence: 2}", [22]),
        ("{label: Drop, occurrence: -2}", [8]),
        ("{previous: break}", [18]),
        ("{next: [Drop]}", [4, 18]),
        ('{bars: ">= 4"}', [8, 22]),
        ("{bpm: 119..121}", [0, 4, 8, 16, 18, 22, 30]),
        ('{bpm: "> 130"}', []),
    ],
)
def test_conditions_choose_among_the_sections(when: str, seconds: list[float]) -> None:
    assert at(SONG, on("section", when)) == seconds


@pytest.mark.parametrize(
    ("moment", "when", "seconds"),
    [
        ("downbeat", "{label: Drop, occurrence: first}", [8, 10, 12, 14]),
        ("downbeat", "{label: Drop, bar_of_section: -1}", [14, 28]),
        ("downbeat", "{label: Drop, bar_of_section: 2..3}", [10, 12, 24, 26]),
        ("beat", "{label: Break}", [16, 16.5, 17, 17.5]),
        ("beat", "{label: Drop, beat_of_section: first}", [8, 22]),
        ("beat", "{label: Drop, bar_of_section: last, beat_of_bar: last}", [15.5, 29.5]),
        ("beat", '{label: Break, beat_of_bar: ">= 3"}', [17, 17.5]),
        ("track", "{label: Intro}", [0]),
        ("track", "{label: Drop}", []),
    ],
)
def test_conditions_on_beats_and_bars_go_by_the_section_that_they_lie_in(
    moment: str,
    when: str,
    seconds: list[float],
) -> None:
    assert at(SONG, on(moment, when)) == seconds


def test_a_beat_outside_every_section_meets_no_condition_on_sections() -> None:
    track = song("Intro 4", sections=[{"start": 0, "end": 4, "label": "Intro"}])
    assert at(track, on("downbeat", "{label: Intro}")) == [0, 2]
    assert at(track, on("downbeat")) == [0, 2, 4, 6]


def test_a_section_that_starts_a_hair_before_its_downbeat_belongs_to_that_bar() -> None:
    track = song("Intro 4", sections=[{"start": 3.997, "end": 8, "label": "Drop"}])
    (cue,) = cues(track, on("section"))
    assert cue.why.endswith("Drop · bar 3")


# Shifts


@pytest.mark.parametrize(
    ("shift", "seconds"),
    [("-200ms", 7.8), ("1.5s", 9.5), ("-1 beat", 7.5), ("-2 bars", 4.0), ("1 bar", 10.0), ("0.5 beats", 8.25)],
)
def test_a_shift_is_a_time_or_follows_the_grid(shift: str, seconds: float) -> None:
    assert at(SONG, on("section", "{label: Drop, occurrence: first}", f'at: "{shift}",')) == [seconds]


def test_two_bars_before_a_drop_are_its_real_bars_not_an_average() -> None:
    track = song("Intro 4", "Drop 2", beats_in_bar={3: 3, 4: 5})
    assert at(track, on("section", "{label: Drop}", "at: -2 bars,")) == [4.0]
    assert at(track, on("section", "{label: Drop}", "at: -1 bar,")) == [5.5]


def test_a_shift_before_the_track_is_kept_for_a_countdown_and_said() -> None:
    made = schedule(SONG, f"  - {on('section', '{label: Intro}', 'at: -2 bars,')}")
    assert [cue.position for cue in made.cues] == [-4 * 10**9]
    assert any("before the track's start" in note.message for note in made.notes)


def test_the_end_of_a_look_shifts_with_its_start() -> None:
    rule = "  - {on: section, when: {label: Drop}, at: -1 beat, send: {address: /look, args: [1], end: {args: [0]}}}"
    positions = [(seconds_from_ns(cue.position), cue.phase) for cue in schedule(SONG, rule).cues]
    assert positions == [(7.5, Phase.START), (15.5, Phase.END), (21.5, Phase.START), (29.5, Phase.END)]


# Messages


def test_templates_and_expressions_say_what_the_music_is() -> None:
    rule = (
        '{on: section, when: {label: Drop}, send: {address: "/{label}/{occurrence}", args: '
        '["bar {bar} of {bars}", energy, "energy / 4", "round(bpm)", {f: energy}, label, "{previous} to {next}"]}}'
    )
    first = cues(SONG, rule)[0]
    assert first.address == "/Drop/1"
    assert first.types == ",sififss"
    assert [value for _, value in first.arguments] == ["bar 5 of 4", 3, 0.75, 120, 3, "Drop", "Build to Break"]


def test_the_why_of_a_cue_names_rule_moment_and_bar() -> None:
    (first, *_) = cues(SONG, "{name: strobe, on: beat, when: {label: Drop, beat_of_bar: 3}, send: {address: /x}}")
    assert first.why == "rules[0] 'strobe' · Drop 1 · bar 5.3"


@given(st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip())))
def test_characters_of_address_patterns_never_get_from_a_label_into_an_address(label: str) -> None:
    """I13."""
    track = song("Intro 4", sections=[{"start": 0, "end": 8, "label": label}])
    for cue in cues(track, '{on: section, send: {address: "/section/{label}", args: [label]}}'):
        part = cue.address.removeprefix("/section/")
        assert part
        assert not set(part) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def test_an_argument_without_a_value_is_a_problem_that_names_its_rule_and_moment() -> None:
    with pytest.raises(ConfigError) as caught:
        schedule(SONG, '  - {on: section, send: {address: /x, args: ["1 / (bar - 5)"]}}')
    assert str(caught.value) == "rules[0].send: '1 / (bar - 5)' divides by zero (at Drop 1 · bar 5)"


# Default messages


def test_without_rules_the_default_messages_are_sent() -> None:
    made = compile_schedule(SONG, default_rules(["lights"]), [TARGET])
    texts = [f"{cue.address} {cue.types} {[value for _, value in cue.arguments]}" for cue in made.cues]
    assert texts[:3] == ["/beat ,ii [1, 1]", "/downbeat ,i [1]", "/section/Intro ,i [1]"]
    assert texts[-4] == "/downbeat ,i [17]"
    assert "/section/Outro ,i [0]" in texts  # energy not known


# What is too much


def test_more_pulses_than_a_target_takes_are_noted_and_states_are_not() -> None:
    slow = replace(TARGET, max_rate=3)
    rules = "\n".join(f"  - {{on: section, kind: {{kind}}, send: {{address: /p{number}}}}}" for number in range(4))
    pulses, states = (schedule(SONG, rules.replace("{kind}", kind), slow) for kind in ("pulse", "state"))
    assert [str(note).partition(";")[0] for note in pulses.notes] == [
        "targets.lights: more than 3 pulses within a second at 0:00.000"
    ]
    assert states.notes == ()


# What is missing


def test_bars_counted_in_phrases_go_by_the_labels_of_the_phrases() -> None:
    phrases = [{"start": 0, "end": 8, "label": "Verse"}, {"start": 8, "end": 16, "label": "Chorus"}]
    track = song("? 4", "? 4", phrases=phrases)
    assert at(track, on("every 2 bars of phrase", "{label: Chorus}")) == [8, 12]


def test_without_a_grid_only_sections_drive_cues_and_the_others_are_left_out_with_a_note() -> None:
    """I8."""
    track = song("Intro 4", beat_grid=None)
    made = compile_schedule(track, default_rules(["lights"]), [TARGET])
    assert [cue.address for cue in made.cues] == ["/section/Intro"]
    left_out = [note.place for note in made.notes if "left out" in note.message]
    assert left_out == ["default 'beats'", "default 'downbeats'"]


def test_a_shift_in_bars_without_downbeats_is_left_out_with_a_note() -> None:
    track = song("Intro 4", beat_grid={"times": [0, 1, 2, 3], "downbeats": []})
    made = schedule(track, f"  - {on('section', '{}', 'at: -1 bar,')}")
    assert len(made) == 0
    assert "no downbeats" in made.notes[0].message
    assert len(at(track, on("section", "{}", "at: 1 beat,"))) == 1


def test_without_labels_beats_drive_cues_and_nothing_is_called_unknown() -> None:
    track = song("? 4", "? 4")
    made = compile_schedule(track, default_rules(["lights"]), [TARGET])
    assert {cue.address for cue in made.cues} == {"/beat", "/downbeat"}
    assert any("goes by label" in note.message for note in made.notes)


def test_a_single_section_without_a_label_is_sent_as_unknown() -> None:
    track = song("Intro 4", "? 4")
    made = compile_schedule(track, default_rules(["lights"]), [TARGET])
    assert "/section/Unknown" in {cue.address for cue in made.cues}


def test_a_rule_that_matches_nothing_is_said_in_a_note() -> None:
    made = schedule(SONG, f"  - {on('section', '{label: Peak}')}")
    assert [str(note) for note in made.notes] == ["rules[0]: matches nothing in this track"]


def test_more_cues_in_a_second_than_the_target_takes_are_said_before_the_show() -> None:
    """I14."""
    rules = "\n".join(f"  - {{on: beat, send: {{address: /p{number}}}}}" for number in range(101))
    made = schedule(SONG, rules, replace(TARGET, max_rate=200))
    assert any("max_rate" in note.message for note in made.notes)


# Places


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("{bar_of_section: first}", [1.0, 5.0]),
        ("{bar_of_section: 0}", []),
        ("{bar_of_section: last}", [3.0, 7.0]),
    ],
)
def test_a_pick_up_is_in_no_bar_of_its_section(when: str, seconds: list[float]) -> None:
    picked_up = song(
        "Intro 2", "Drop 2", pick_up=2, sections=[{"start": 0, "end": 5}, {"start": 5, "end": 9}], duration=9.0
    )
    assert at(picked_up, on("downbeat", when)) == seconds


PLACES = st.one_of(st.integers(-5, 9), st.sampled_from(["first", "last", ">= 2", "2..3", "!= 1", "< -1"]))
CONDITIONS = st.dictionaries(
    st.sampled_from(["beat_of_bar", "bar_of_section", "beat_of_section", "bpm"]), PLACES, min_size=1
)
MOMENTS = st.sampled_from(["beat", "downbeat", "every 3 beats", "every 2 bars of section", "every 2 beats of phrase"])


@given(CONDITIONS, MOMENTS, st.integers(0, 3), st.dictionaries(st.integers(1, 8), st.integers(1, 7)))
def test_places_that_are_looked_up_are_those_that_trying_every_beat_finds(
    conditions: dict[str, object], moment: str, pick_up: int, meters: dict[int, int]
) -> None:
    spans = [{"start": 0, "end": 4.5, "label": "Verse"}, {"start": 4.5, "end": 12, "label": "Peak"}]
    track = song("Intro 3", "Drop 4", "Outro 1", pick_up=pick_up, beats_in_bar=meters, phrases=spans)
    conditions = {key: 120 if key == "bpm" and isinstance(value, str) else value for key, value in conditions.items()}
    when = json.dumps(conditions)
    (rule,) = rules_of(f"  - {on(moment, when)}")
    everything = Moments(track).matching(rule.on, Conditions())
    expected = [occasion for occasion in everything if _place_meets(occasion, rule.when)]
    found = list(Moments(track).matching(rule.on, rule.when))
    assert [(one.position, one.end) for one in found] == [(one.position, one.end) for one in expected]


@pytest.mark.parametrize(("parts", "steps"), [(2, 0.25), (3, 1 / 6), (4, 0.125)])
def test_every_part_of_a_beat_is_a_moment(parts: int, steps: float) -> None:
    positions = at(SONG, on(f"every 1/{parts} beat"))
    assert len(positions) == 17 * 4 * parts
    assert positions[: parts + 1] == [round(steps * number, 3) for number in range(parts + 1)]
    assert at(SONG, on("every 1/2 beat", "{label: Break, beat_of_bar: 4}")) == [17.5, 17.75]


# Contradictions


def test_two_rules_that_say_different_things_at_one_instant_are_named_once() -> None:
    """C12."""
    rules = """
  - {name: low, on: section, send: {address: /look, args: [1]}}
  - {name: high, on: section, send: {address: /look, args: [2]}}
  - {name: same, on: section, send: {address: /other, args: [2]}}
  - {name: again, on: section, send: {address: /other, args: [2]}}
"""
    (note,) = schedule(SONG, rules).notes
    assert str(note).startswith("rules[1] 'high': sends /look to lights at 0:00.000 with other arguments than rules[0]")


def test_a_very_long_schedule_is_noted_and_kept() -> None:
    """C12: more than 10,000 cues."""
    rules = '  - {on: beat, send: {address: "/x"}}\n'
    usual, unusual = (schedule(song(f"Verse {bars}", bpm=240), rules) for bars in (2_500, 2_501))
    assert (len(usual), len(unusual)) == (10_000, 10_004)
    assert usual.notes == ()
    assert [str(note) for note in unusual.notes] == ["10004 cues; more than 10000 is unusual"]
