"""Layers: what of a document's sections and phrases is put right with a note, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.units import NS_PER_SECOND
from beatsync.errors import TrackError
from tests.core.documents import at, document, notes_of, parsed, span, with_times


def spans_of(*spans: object, **changes: object) -> list[tuple[float, float, str | None]]:
    track = parsed(document(sections=list(spans), **changes)).track
    return [(section.start / NS_PER_SECOND, section.end / NS_PER_SECOND, section.label) for section in track.sections]


def notes_on(*spans: object, **changes: object) -> list[str]:
    return notes_of(document(sections=list(spans), **changes))


def refusal(**changes: object) -> str:
    with pytest.raises(TrackError) as caught:
        parsed(document(**changes))
    return str(caught.value)


@pytest.mark.parametrize("nothing", [None, ..., []])
def test_a_track_without_sections_says_so(nothing: object) -> None:
    """I9."""
    assert parsed(document(sections=nothing)).track.sections == ()
    assert notes_of(document(sections=nothing)) == ["sections: no sections: only the beat grid can drive cues"]
    assert notes_of(document(phrases=nothing)) == []


def test_a_track_with_neither_sections_nor_beats_says_both() -> None:
    """I8, I9."""
    assert notes_of(document(sections=None, beat_grid=None)) == [
        "beat_grid: no beat grid: only sections can drive cues",
        "sections: no sections either",
    ]


def test_sections_are_put_in_order() -> None:
    """I9."""
    spans = [span(8, 16, "Drop"), span(0, 8, "Intro")]
    assert spans_of(*spans) == [(0, 8, "Intro"), (8, 16, "Drop")]
    assert notes_on(*spans) == ["sections[0]: from here on not in order of start; sorted"]


def test_where_two_overlap_the_later_start_wins() -> None:
    """I9: a section lasts until the next one starts, and does not come back after it."""
    spans = [span(0, 12, "Intro"), span(4, 8, "Drop")]
    assert spans_of(*spans) == [(0, 4, "Intro"), (4, 8, "Drop")]
    assert notes_on(*spans) == ["sections[0]: overlaps sections[1]; ends where that starts (0:04.000)"]


def test_of_two_with_one_start_the_later_in_the_document_wins() -> None:
    """I9: one start, one cue."""
    spans = [span(0, 4, "Intro"), span(4, 16, "Build"), span(4, 8, "Drop")]
    assert spans_of(*spans) == [(0, 4, "Intro"), (4, 8, "Drop")]
    assert notes_on(*spans) == [
        "sections[1]: starts where sections[2] starts, which stands later in the document; dropped",
    ]


def test_an_overlap_by_a_rounding_error_goes_unsaid() -> None:
    """I9."""
    assert spans_of(span(0, 4.005, "Intro"), span(4, 8, "Drop")) == [(0, 4, "Intro"), (4, 8, "Drop")]
    assert notes_on(span(0, 4.005, "Intro"), span(4, 8, "Drop")) == []


def test_gaps_are_legal_and_reported() -> None:
    """I9."""
    assert spans_of(span(1, 4), span(8, 12)) == [(1, 4, None), (8, 12, None)]
    assert notes_on(span(1, 4), span(8, 12)) == ["sections[1]: nothing from 0:04.000 until this one starts (0:08.000)"]
    assert notes_on(span(1, 4), span(4.004, 12)) == []


def test_a_section_too_short_to_be_one_is_dropped() -> None:
    """I9."""
    assert spans_of(span(0, 4), span(4, 4.000_000_1), span(4.004, 8)) == [(0, 4, None), (4.004, 8, None)]


def test_sections_without_length_are_dropped_before_they_can_cut_others_short() -> None:
    """I9."""
    spans = [span(0, 8, "Intro"), span(4, 4, "Drop"), span(6, 5, "Peak"), span(8, 9, "Outro")]
    assert spans_of(*spans) == [(0, 8, "Intro"), (8, 9, "Outro")]
    assert notes_on(*spans) == [
        "sections[1]: ends where it starts (0:04.000); dropped",
        "sections[2]: ends before it starts (0:06.000); dropped",
    ]


def test_sections_are_clipped_to_the_track_and_dropped_where_none_of_them_is_in_it() -> None:
    """I9."""
    spans = [span(-4, -2, "Intro"), span(-2, 4, "Verse"), span(12, 20, "Outro"), span(30, 40, "Main")]
    assert spans_of(*spans) == [(0, 4, "Verse"), (12, 16, "Outro")]
    assert notes_on(*spans) == [
        "sections[2]: nothing from 0:04.000 until this one starts (0:12.000)",
        "sections[3]: nothing from 0:20.000 until this one starts (0:30.000)",
        "sections[0]: lies before the track's start; dropped",
        "sections[1]: starts before the track (-0:02.000); clipped",
        "sections[2]: ends after the track (0:20.000 of 0:16.000); clipped",
        "sections[3]: lies after the track's end (0:16.000); dropped",
    ]


def test_a_track_whose_sections_all_lie_elsewhere_has_none_and_says_so() -> None:
    """I9."""
    assert "sections: no sections: only the beat grid can drive cues" in notes_on(span(30, 40))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 25), st.integers(-5, 25)), max_size=12))
def test_whatever_the_spans_each_instant_has_at_most_one_and_the_latest_start_at_it(
    edges: list[tuple[int, int]],
) -> None:
    """I9: against the rule itself: the latest of the starts so far, if that span still lasts."""
    found = spans_of(*(span(start, end, f"L{index}") for index, (start, end) in enumerate(edges)))
    for second in range(16):
        begun = [(start, index, end) for index, (start, end) in enumerate(edges) if start <= second and end > start]
        _, index, end = max(begun, default=(0, 0, -99))
        expected = [f"L{index}"] if end > second else []
        assert [label for start, end, label in found if start <= second < end] == expected


def test_only_start_and_end_are_certain() -> None:
    """I10: everything else has been seen null, and bar numbers are not read at all."""
    nulls = {"label": None, "energy": None, "color": None, "bars": None}
    bare, null, odd = (
        parsed(document(sections=[element])).track.sections[0]
        for element in (
            {"start": 0, "end": 4},
            {"start": 0, "end": 4, **nulls, "bar_start": None, "bar_end": None},
            {"start": 0, "end": 4, "bar_start": "one", "bar_end": [], "bars": True},
        )
    )
    assert bare == null == odd
    assert (bare.label, bare.energy, bare.colour, bare.name) == (None, None, None, "Unknown")


@pytest.mark.parametrize(
    ("element", "message"),
    [
        (None, "sections[0]: expected an object, got null"),
        ([0, 4], "sections[0]: expected an object, got a list of 2"),
        ({"end": 4}, "sections[0].start: missing"),
        ({"start": 0}, "sections[0].end: missing"),
        (span(None, 4), "sections[0].start: expected a number of seconds, got null"),
        (span("0", 4), 'sections[0].start: expected a number of seconds, got text "0"'),
        (span(0, True), "sections[0].end: expected a number of seconds, got true"),
        (
            span(0, 90_000),
            "sections[0].end: expected at most 86400 seconds (24 hours), got 90000; are these milliseconds?",
        ),
        (span(0, 4, 7), "sections[0].label: expected text or null, got 7"),
        (span(0, 4, energy="3"), 'sections[0].energy: expected a number from 1 to 4 or null, got text "3"'),
        (span(0, 4, energy=True), "sections[0].energy: expected a number from 1 to 4 or null, got true"),
        (span(0, 4, color=[1, 2, 3]), "sections[0].color: expected text or null, got a list of 3"),
    ],
)
def test_wrong_types_in_a_section_are_refused_by_their_path(element: object, message: str) -> None:
    """I10, I3."""
    assert refusal(sections=[element]) == f"x.json: {message}"
    assert refusal(phrases=[span(0, 1), element]) == f"x.json: {message.replace('sections[0]', 'phrases[1]')}"


def test_a_list_of_another_type_is_refused() -> None:
    """I10."""
    assert refusal(sections={"0": {}}) == "x.json: sections: expected a list, got an object"


@pytest.mark.parametrize(("stated", "energy"), [(1, 1), (4, 4), (3.0, 3), (0, None), (5, None), (2.5, None)])
def test_an_energy_is_one_of_four_or_not_known(stated: float, energy: int | None) -> None:
    element = span(0, 4, energy=stated)
    assert parsed(document(sections=[element])).track.sections[0].energy == energy
    message = f"sections[0].energy: expected 1, 2, 3 or 4, got {stated}; taken as not known"
    assert notes_on(element) == ([] if energy else [message])


def test_known_labels_are_read_in_any_case_and_unknown_ones_passed_on_with_one_note_each() -> None:
    """I13."""
    spans = [span(0, 1, "dROP"), span(1, 2, "fill"), span(2, 3, "Fill"), span(3, 4, "🔥"), span(4, 5, " \0")]
    assert [label for _, _, label in spans_of(*spans)] == ["Drop", "Fill", "Fill", "🔥", None]
    assert notes_on(*spans) == [
        'sections[1].label: unknown label "Fill"; passed on as it is',
        'sections[3].label: unknown label "🔥"; passed on as it is',
    ]


@pytest.mark.parametrize("label", ["\ud800", "x" * 65_536, "* ? [ ] { } # , /", "مقدمة", "\x1b[2J", "a\0b\n"])
def test_no_label_breaks_a_line_or_a_document(label: str) -> None:
    """I13."""
    element = span(0, 4, label)
    [(_, _, found)] = spans_of(element)
    assert found
    assert len(found.encode()) <= 4 * 256
    assert all(note.isprintable() and len(note) < 200 for note in notes_on(element))


def test_a_label_that_is_too_long_is_cut_with_a_note() -> None:
    """I13."""
    assert notes_on(span(0, 4, "x" * 257))[0] == "sections[0].label: 257 characters; cut to 256"


def test_a_colour_is_any_short_text() -> None:
    element = span(0, 4, color="rgba(255, 0, 0, 0.5)")
    assert parsed(document(sections=[element])).track.sections[0].colour == "rgba(255, 0, 0, 0.5)"
    for unusable in ("x" * 65, "red\n", "\ud800"):
        assert parsed(document(sections=[span(0, 4, color=unusable)])).track.sections[0].colour is None
        assert "left out" in notes_on(span(0, 4, color=unusable))[0]


def test_bars_follow_from_the_grid_to_the_nearest_quarter() -> None:
    spans = [span(0, 3.5), span(3.5, 8.01), span(8.01, 8.2)]
    data = with_times([0.5 * beat for beat in range(32)], [1 + 2.0 * bar for bar in range(7)], sections=spans)
    assert [(section.bar, section.bars) for section in parsed(data).track.sections] == [(0, 1.75), (2, 2.25), (4, 0.0)]


def test_what_starts_before_the_first_bar_starts_in_bar_0() -> None:
    data = with_times([0.5 * beat for beat in range(4, 32)], [2.0 * bar for bar in range(1, 8)])
    assert [section.bar for section in parsed(data).track.sections] == [0, 2, 4, 6]
    assert parsed(data).track.sections[0].bars == 2.0


def test_sections_and_phrases_are_counted_apart() -> None:
    track = parsed(document()).track
    assert [section.occurrences for section in track.phrases] == [2, 2]
    assert [section.start for section in track.phrases] == [at(0), at(8)]
    assert {section.occurrences for section in track.sections} == {1}


def test_of_many_notes_of_a_kind_the_rest_are_counted() -> None:
    notes = notes_on(*(span(second / 10, second / 10 + 0.1, energy=9) for second in range(100)))
    assert len(notes) == 9
    assert notes[-1] == "sections: 92 more with an energy out of range"
