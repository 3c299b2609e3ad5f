"""The text itself: rows C1 to C6 and the traps of C7."""

from __future__ import annotations

import pytest

from tests.config.files import HEAD, problems, read, rule


def test_a_tab_in_the_indentation_is_named_with_its_place_and_the_remedy() -> None:
    """C1."""
    assert problems("track:\n\tbundled: demo\n") == ("show.yaml:2:1: a tab; YAML is indented with spaces, use spaces",)


def test_a_syntax_error_names_line_and_column() -> None:
    """C1."""
    (line,) = problems("track: {bundled: demo\ntargets: {}\n")
    assert line.startswith("show.yaml:2:")


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
