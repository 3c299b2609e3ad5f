"""The text itself: rows C1 to C6 and the traps of C7."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.config.unclosed import unclosed
from tests.config.files import HEAD, problems, read, rule


def test_a_tab_in_the_indentation_is_named_with_its_place_and_the_remedy() -> None:
    """C1."""
    assert problems("track:\n\tbundled: demo\n") == ("show.yaml:2:1: a tab; YAML is indented with spaces, use spaces",)


def test_a_syntax_error_names_line_and_column() -> None:
    """C1."""
    (line,) = problems("track: {bundled: demo}\ntargets: {a: b c: d}\n")
    assert line.startswith("show.yaml:2:17: expected , or } here")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "track: {bundled: demo\na: {}\n",
            "1:8: the { that opens here is not closed; write } at the end of",
        ),
        ("track: [{a: b}\n", "1:8: the [ that opens here is not closed; write ] at the end of its list"),
        ("a: {b: [1, 2}\n", "1:8: the [ that opens here is not closed; write ] at the end of its list, before the }"),
        ("a:\n  - {b: 1, c: {d: 2}\n  - {b: 1, c: {d: 2}}\n", "2:5: the { that opens here is not closed;"),
        ('a: "b\nc: 1\n', '1:4: the quote that opens here is not closed in its line; write " at the end of its text'),
        ('a: "b\nc: {d: "e"}\n', "1:4: the quote that opens here is not closed in its line"),
        ("a: 'b\nc: 'd'\n", "1:4: the quote that opens here is not closed in its line; write ' at the end"),
        ("a: {b: 'c}\nd: 1", "1:8: the quote that opens here is not closed in its line"),
        ("# don't [mind\na: rock 'n' roll [live\nb: {c: 'it''s [', d: \"{\\\"\"\n", "3:4: the { that opens here"),
    ],
)
def test_what_is_opened_and_not_closed_is_named_where_it_was_opened(text: str, says: str) -> None:
    """C1: PyYAML notices at the end of the file, or where nothing fits any more."""
    (line,) = problems(text)
    assert line.startswith(f"show.yaml:{says}")


@given(st.text(alphabet="ab \n:,-[]{}'\"#\\", max_size=60), st.integers(0, 70))
def test_only_what_opens_before_the_place_of_trouble_is_named(text: str, before: int) -> None:
    opened = unclosed(text, before)
    if opened is not None:
        assert text[opened.index] == opened.mark
        assert opened.mark in "[{'\""
        assert opened.index < before or opened.instead


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb 2\n", "2:1: no colon after it; expected key: value"),
        ("a: x\n  b: 1\n", "2:4: a colon where none can be"),
        ("a:\n  b: 1\n c: 2\n", "3:2: not indented as the lines above"),
        ("a: [1]]\n", "1:7: a ] that nothing opened"),
        ('a: "b" c\n', "1:8: something after the end of a value; quote the whole text"),
        ("a: %b\n", "1:4: text cannot start with %; quote it"),
        ("a: @b\n", "1:4: text cannot start with @; quote it"),
        ("a: *\n", "1:5: text cannot start with * or &; quote it"),
        ('a: "\\d"\n', "1:6: \\d means nothing in double quotes; write \\\\ for a backslash, or use single quotes"),
        ("a:\n  b: - c\n", "2:6: a list cannot start in the line of its key; put its first dash into the next line"),
        ("a: \a\n", "1:4: the character U+0007 is no text; remove it"),
        ('a: "b\\ud800"\n', "1:4: \\ud800 stands for no character of its own; remove it"),
        ('"a\\0": b\n', "1:1: \\u0000 stands for no character of its own; remove it"),
    ],
)
def test_what_people_trip_over_is_said_in_words_with_the_remedy(text: str, says: str) -> None:
    """C1."""
    assert problems(text)[0].startswith(f"show.yaml:{says}")


def test_a_colon_in_plain_text_is_explained() -> None:
    (line,) = problems(f"{HEAD}rules:\n  - name: drop: big\n")
    assert "quote text that has a colon" in line


def test_every_duplicate_key_is_named_with_both_lines() -> None:
    """C2."""
    text = "track: {bundled: demo}\ntargets:\n  a: osc.udp://h:1\n  a: osc.udp://h:2\ntrack: x\n"
    assert problems(text) == (
        "show.yaml:4:3: the key 'a' is there twice, first in line 3; keep one",
        "show.yaml:5:1: the key 'track' is there twice, first in line 1; keep one",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("track: &a {bundled: demo}\n", "anchors such as &a"),
        ("a: &x [1]\nb: *x\n", "aliases such as *x"),
        ("a: &a [*a]\n", "aliases such as *a"),
        ("<<: {a: 1}\n", "merge keys"),
        ("track: !!python/object:os.system x\n", "tags such as !!python/object:os.system"),
        ("track: !mine x\n", "tags such as !mine"),
        ("? [a, b]\n: c\n", "a key must be a word"),
        ("a: 1\n---\nb: 2\n", "a second document"),
    ],
)
def test_what_yaml_can_do_and_a_show_file_should_not_is_refused_with_the_remedy(text: str, says: str) -> None:
    """C4, C6, C9."""
    assert any(says in line for line in problems(text))


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    """C4."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    assert len(problems("\n".join(lines))) > 30


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 3000, "- " * 4000 + "x"])
def test_deep_nesting_is_refused(text: str) -> None:
    """C5."""
    assert any("nested too deeply" in line or "not YAML" in line for line in problems(text))


def test_too_many_values_are_refused() -> None:
    assert "more than 20,000 values" in problems("a: [" + "1," * 30_000 + "1]")[0]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("12:30", 'expected text, got the integer 750 (YAML reads 12:30 so); quote it: "12:30"'),
        ("no", 'expected text, got the boolean false (YAML reads no so); quote it: "no"'),
        ("on", 'expected text, got the boolean true (YAML reads on so); quote it: "on"'),
        ("010", 'expected text, got the integer 8 (YAML reads 010 so); quote it: "010"'),
        (".inf", 'expected text, got the number inf (YAML reads .inf so); quote it: ".inf"'),
        ("2026-01-01", 'expected text, got a date (YAML reads 2026-01-01 so); quote it: "2026-01-01"'),
        ("7", 'expected text, got the integer 7; quote it: "7"'),
        ("true", 'expected text, got the boolean true; quote it: "true"'),
    ],
)
def test_words_that_yaml_reads_in_its_own_way_are_refused_with_the_remedy(written: str, says: str) -> None:
    """C7."""
    (line,) = problems(rule(f"name: {written}, on: beat, send: {{address: /x}}"))
    assert line == f"show.yaml:3:16: rules[0].name: {says}"


def test_on_as_a_key_is_the_word() -> None:
    assert read(rule("on: beat, send: {address: /x}")).decks["main"].rules[0].place == "rules[0]"


def test_quoted_words_are_text() -> None:
    assert read(rule('name: "no", on: beat, send: {address: /x}')).decks["main"].rules[0].name == "no"


def test_text_with_a_byte_order_mark_and_windows_line_ends_is_read() -> None:
    assert read("\ufeff" + HEAD.replace("\n", "\r\n")).targets
