"""JSON text: what is refused before, while and after it is parsed, and in which words."""

from __future__ import annotations

import gzip

import pytest

from beatsync.core.document import parse_track
from beatsync.core.json_text import parse_json
from beatsync.errors import TrackError
from tests.core.documents import document, notes_of, parsed


def refusal(data: bytes) -> str:
    with pytest.raises(TrackError) as caught:
        parse_track(data, source="tracks/x.json")
    return str(caught.value)


def test_a_truncated_document_is_named_as_such_with_the_place_where_it_ends() -> None:
    """I1."""
    data = b'{"duration": 16.0,\r\n "bpm": 12'
    assert refusal(data) == (
        "tracks/x.json: ends too early, perhaps truncated: expecting ',' delimiter at line 2, column 11 (byte 30)"
    )
    assert "ends too early" in refusal(document()[:-100])
    assert "unterminated string starting at line 1, column 2 (byte 1)" in refusal(b'{"durat')


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty; expected a JSON document"),
        (b"\xef\xbb\xbf \n", "empty; expected a JSON document"),
        (b"duration: 16", "not JSON: expecting value at line 1, column 1 (byte 0)"),
        (
            b"{'duration': 16}",
            "not JSON: expecting property name enclosed in double quotes at line 1, column 2 (byte 1)",
        ),
        (b'\xef\xbb\xbf{"\xc3\xa9": x}', "not JSON: expecting value at line 1, column 7 (byte 10)"),
        (b"{} {}", "not JSON: extra data at line 1, column 4 (byte 3)"),
        (b"\r\n<!DOCTYPE html><html>", "not JSON but a web page; is a captive portal asking for a login?"),
        (b"<?xml version='1.0'?>", "not JSON but markup (XML or HTML)"),
    ],
)
def test_what_is_not_json_is_refused_with_the_place(data: bytes, reason: str) -> None:
    """I1."""
    assert refusal(data) == f"tracks/x.json: {reason}"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 4000, "-" + "9" * 5000])
def test_a_number_that_is_not_finite_is_refused_by_its_path(number: str) -> None:
    """I2, I3: integers of thousands of digits neither overflow nor take long."""
    shown = number if len(number) <= 40 else number[:40] + "…"
    data = f'{{"beat_grid": {{"times": [0, {number}]}}}}'.encode()
    assert refusal(data) == f"tracks/x.json: beat_grid.times[1]: expected a finite number, got {shown}"


def test_a_number_that_is_not_finite_is_refused_in_a_field_that_is_not_read() -> None:
    """I2."""
    assert refusal(b'{"x y": [{"z": NaN}]}') == 'tracks/x.json: ["x y"][0].z: expected a finite number, got NaN'


def test_numbers_out_of_range_are_refused() -> None:
    """I3."""
    assert refusal(document(duration=10**30)) == (
        "tracks/x.json: duration: expected at most 86400 seconds (24 hours), got 1e+30; are these milliseconds?"
    )
    assert "got -1e+300" in refusal(b'{"duration": -1e300}')


def test_negative_zero_and_the_smallest_numbers_are_zero() -> None:
    """I3."""
    data = b'{"asset_id": "1", "duration": 1, "beat_grid": {"times": [-0.0, 0.5], "downbeats": [1e-320]}}'
    grid = parsed(data).track.grid
    assert grid is not None
    assert [bar.start for bar in grid.bars] == [0]


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_deep_nesting_is_refused_before_it_is_parsed(opening: bytes) -> None:
    """I4."""
    assert "deep; at most 32 levels are accepted" in refusal(opening * 100_000)
    assert "deep; at most 32 levels are accepted" in refusal(b'{"a":' + b"[" * 40 + b"]" * 40 + b"}")


def test_brackets_in_strings_are_no_nesting() -> None:
    """I4."""
    text = rb'"' + rb"[\"{\\" * 100 + rb'"'
    assert parse_json(b"[" * 32 + text + b"]" * 32)
    assert "nested 33 deep" in refusal(b"[" * 33 + text + b"]" * 33)


def test_a_document_that_is_too_large_is_refused_before_it_is_parsed() -> None:
    """I11: neither of the two is JSON at its end, which nobody gets to see."""
    assert refusal(b"[" + b" " * (9 * 1024 * 1024)) == "tracks/x.json: 9.0 MB; at most 8 MB are accepted"
    assert refusal(b"[" + b"1," * 4_000_000) == (
        "tracks/x.json: some 4,000,000 values; at most 640,000 (200,000 beats) are accepted"
    )


def test_too_many_beats_and_too_many_sections_are_refused() -> None:
    """I11."""
    beats = b'{"beat_grid": {"times": [' + b",".join([b"1"] * 200_001) + b"]}}"
    assert refusal(beats) == "tracks/x.json: beat_grid.times: 200,001 elements; at most 200,000 are accepted"
    sections = b'{"sections": [' + b",".join([b"{}"] * 10_001) + b"]}"
    assert refusal(sections) == "tracks/x.json: sections: 10,001 elements; at most 10,000 are accepted"


def test_a_key_that_appears_twice_is_refused_by_name_and_place() -> None:
    """I12."""
    data = b'{"sections": [{"start": 0, "end": 1}, {"start": 1, "end": 2, "start": 3}]}'
    assert refusal(data) == 'tracks/x.json: sections[1]: key "start" appears twice; expected once'
    assert refusal(b'{"bpm": 1, "bpm": 1}') == 'tracks/x.json: key "bpm" appears twice; expected once'


def test_utf_8_is_read_with_a_byte_order_mark_and_with_any_line_ends() -> None:
    """I18."""
    data = document().replace(b", ", b",\r\n")
    assert notes_of(b"\xef\xbb\xbf" + data) == notes_of(data) == []


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (document().decode().encode("utf-16"), "UTF-16 text; save it as UTF-8"),
        (document().decode().encode("utf-16-le"), "UTF-16; save it as UTF-8"),
        (document().decode().encode("utf-16-be"), "UTF-16; save it as UTF-8"),
        (document().decode().encode("utf-32"), "UTF-32 text; save it as UTF-8"),
        (document().decode().encode("utf-32-be"), "UTF-32; save it as UTF-8"),
        (gzip.compress(document()), "a gzip file; unpack it first"),
        (b"PK\x03\x04rest", "a zip archive; unpack it first"),
        (b"ID3\x04rest", "an mp3 file"),
        (b"\x7f\0\x01\x02", "binary data"),
        (b'{"label": "Caf\xe9"}', "not UTF-8 text at line 1, column 15 (byte 14); save it as UTF-8"),
    ],
)
def test_other_encodings_and_other_files_are_named(data: bytes, name: str) -> None:
    """I18."""
    assert name in refusal(data)
