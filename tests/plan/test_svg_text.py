"""Words: how wide they are, cut in their middle, folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.plan.svg_text import ELLIPSIS, fitted, folded, plain, whole, width_of


@given(st.text(max_size=80), st.floats(0, 400), st.floats(6, 30), st.booleans(), st.booleans())
def test_a_text_is_cut_to_fit(content: str, width: float, size: float, mono: bool, bold: bool) -> None:
    cut = fitted(content, width, size, mono=mono, bold=bold)
    assert width_of(cut, size, mono=mono, bold=bold) <= width or not cut
    line = plain(content).replace("\n", " ")
    if cut not in {"", line}:
        head, tail = next(
            (cut[:index], cut[index + 1 :])
            for index, char in enumerate(cut)
            if char == ELLIPSIS and line.startswith(cut[:index]) and line.endswith(cut[index + 1 :])
        )
        assert len(head) + len(tail) < len(line)


def test_of_a_long_text_the_start_and_the_end_are_left() -> None:
    cut = fitted("stage_left_moving_heads_rear_truss_A", 130, 13, bold=True)
    assert cut.startswith("stage")
    assert cut.endswith("ss_A")


def test_a_few_letters_are_worse_than_none() -> None:
    assert fitted("Transition", 20, 10) == ""


@given(st.text(max_size=40), st.floats(0, 200))
def test_a_text_is_whole_or_not_there(content: str, width: float) -> None:
    assert whole(content, width, 12) in {"", plain(content).replace("\n", " ")}


@pytest.mark.parametrize(("narrow", "wide"), [("ill", "MWM"), ("abc", "日本語"), ("e\u0301", "ee")])
def test_wide_characters_are_wider(narrow: str, wide: str) -> None:
    assert width_of(narrow, 12) < width_of(wide, 12)


@given(st.text(max_size=200), st.floats(60, 400))
def test_a_text_is_folded_without_losing_a_word(content: str, width: float) -> None:
    lines = folded(content, width, 12)
    assert "".join("".join(lines).split()) == "".join(plain(content).split())
    assert all(width_of(line, 12) <= width for line in lines)
