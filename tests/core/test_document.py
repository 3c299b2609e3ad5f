"""Track documents: read whole, or refused with one line."""

from __future__ import annotations

import pytest

from beatsync.core.document import check_expected, parse_track
from beatsync.core.labels import KNOWN_LABELS
from beatsync.core.units import DurationNs, ms
from beatsync.demo_track import demo_document
from beatsync.errors import TrackError
from tests.core.documents import at, document, notes_of, parsed, span, with_times
from tests.core.promises import check_track


def refusal(data: bytes) -> str:
    with pytest.raises(TrackError) as caught:
        parsed(data)
    return str(caught.value)


def test_a_good_document_is_read_without_a_note() -> None:
    result = parsed(document())
    track = result.track
    assert result.notes == ()
    assert (track.asset_id, track.duration, track.bpm, track.energy) == ("1843209165", at(16), 120.0, 2.5)
    assert [section.name for section in track.sections] == ["Intro", "Build", "Drop", "Outro"]
    assert [section.colour for section in track.phrases] == ["rgba(1,2,3,1)"] * 2


def test_a_refusal_is_one_line_that_starts_with_the_source() -> None:
    """I10."""
    data = with_times([*(0.5 * beat for beat in range(17)), "12.5"])
    with pytest.raises(TrackError) as caught:
        parse_track(data, source="tracks/x.json")
    message = 'tracks/x.json: beat_grid.times[17]: expected a number of seconds, got text "12.5"'
    assert str(caught.value) == message


def test_values_in_messages_are_short_and_on_one_line() -> None:
    """I10, I13."""
    assert refusal(document(bpm="a\n\x1b[2J" + "x" * 1000)) == (
        'x.json: bpm: expected a number or null, got text "a\ufffd\ufffd[2J' + "x" * 34 + '…"'
    )
    with pytest.raises(TrackError) as caught:
        parse_track(b"", source="two\nlines")
    assert str(caught.value) == "two\ufffdlines: empty; expected a JSON document"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"null", "expected an object, got null"),
        (b"[]", "expected an object, got a list of 0"),
        (b"{}", "nothing in it: no duration, no beats, no sections; expected AudioScape's track structure"),
        (b'{"error": "asset_id not found"}', 'not a track but an error message: "asset_id not found"'),
    ],
)
def test_a_document_with_nothing_in_it_is_refused(data: bytes, message: str) -> None:
    assert refusal(data) == f"x.json: {message}"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("asset_id", 1843209165, 'expected text of digits such as "1843209165", got 1843209165'),
        ("duration", "16", 'expected a number of seconds, got text "16"'),
        ("duration", True, "expected a number of seconds, got true"),
        ("duration", 0, "expected a number of seconds above 0, got 0"),
        ("duration", -1, "expected a number of seconds above 0, got -1"),
        ("duration", 222_000, "expected at most 86400 seconds (24 hours), got 222000; are these milliseconds?"),
        ("bpm", False, "expected a number or null, got false"),
        ("track_energy", {}, "expected a number from 0 to 4 or null, got an object"),
    ],
)
def test_wrong_types_at_the_top_are_refused_by_name(key: str, value: object, message: str) -> None:
    """I10, I3."""
    assert refusal(document(**{key: value})) == f"x.json: {key}: {message}"


@pytest.mark.parametrize("nothing", [None, ...])
def test_what_may_be_null_may_be_missing(nothing: object) -> None:
    result = parsed(document(bpm=nothing, track_energy=nothing))
    assert (result.track.bpm, result.track.energy, result.notes) == (None, None, ())


@pytest.mark.parametrize("nothing", [None, ...])
def test_a_duration_that_is_not_stated_is_taken_from_what_ends_last(nothing: object) -> None:
    sections = [span(0, 15.75)]
    data = document(duration=nothing, sections=sections, phrases=[])
    assert parsed(data).track.duration == at(15.75)
    assert notes_of(data) == ["duration: none stated; taken from the last section (0:15.750)"]
    assert parsed(document(duration=nothing, sections=None, phrases=None)).track.duration == at(15.5)


def test_numbers_out_of_their_range_are_taken_as_not_known() -> None:
    """I14."""
    result = parsed(document(bpm=-3, track_energy=4.1))
    assert (result.track.bpm, result.track.energy) == (None, None)
    assert [str(note) for note in result.notes] == [
        "bpm: expected more than 0 and at most 3000, got -3; taken as not known",
        "track_energy: expected 0 to 4, got 4.1; taken as not known",
    ]


def test_an_asset_id_that_is_missing_or_odd_is_noted() -> None:
    missing = "asset_id: none stated: whether this is the right track cannot be checked"
    assert notes_of(document(asset_id=None)) == notes_of(document(asset_id=" ")) == [missing]
    assert notes_of(document(asset_id="demo")) == ['asset_id: expected 1 to 20 digits, got text "demo"']
    assert parsed(document(asset_id="a\n" + "b" * 100)).track.asset_id == "a\ufffd" + "b" * 62


def complaint(asset_id: str | None, duration: DurationNs | None) -> str | None:
    return check_expected(parsed(document()).track, source="x.json", asset_id=asset_id, duration=duration)


def test_the_track_that_was_asked_for_is_accepted() -> None:
    """I15."""
    assert complaint("1843209165", ms(18_000)) is None
    assert complaint(None, None) is None
    nameless = parsed(document(asset_id=None)).track
    assert check_expected(nameless, source="x.json", asset_id="7", duration=None) is None


def test_another_track_than_the_one_asked_for_is_named() -> None:
    """I15."""
    assert complaint("7", None) == 'x.json: asset_id: expected "7", got "1843209165"; is this another track?'
    assert complaint("1843209165", ms(18_001)) == (
        "x.json: duration: expected 0:18.001, got 0:16.000; is this another track?"
    )


def test_the_bundled_track_is_one_that_needs_no_note() -> None:
    result = parse_track(demo_document(), source="demo")
    grid = result.track.grid
    assert result.notes == ()
    assert grid is not None
    assert {section.label for section in result.track.sections} == set(KNOWN_LABELS)
    assert {section.energy for section in result.track.sections} == {1, 2, 3, 4}
    assert len({section.energy for section in result.track.sections if section.label == "Drop"}) == 2
    assert [bar.beats for bar in grid.bars if bar.beats != 4] == [2, 3]
    assert {phrase.start for phrase in result.track.phrases} - {section.start for section in result.track.sections}
    check_track(result.track)


def test_a_document_of_the_largest_size_is_read() -> None:
    """I11: what is within the limits is accepted."""
    beats = [round(0.43 * beat, 3) for beat in range(200_000)]
    track = parsed(with_times(beats, beats[::4], duration=86_000, bpm=None)).track
    assert track.grid is not None
    assert len(track.grid.bars) == 50_000
