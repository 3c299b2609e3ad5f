"""Which colours get into the picture."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.plan.svg_colours import INK, Colour, colour_of, parsed
from tests.plan.shows import track_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rgb(255, 0, 10)", "#ff000a"),
        ("rgba(255,0,10,1)", "#ff000a"),
        (" RGBA( 255 , 0 , 10 , 100% ) ", "#ff000a"),
        ("rgb(100%, 0%, 50%)", "#ff0080"),
        ("#F00", "#ff0000"),
        ("#f00f", "#ff0000"),
        ("#12aBeF", "#12abef"),
        ("#12abefff", "#12abef"),
    ],
)
def test_a_colour_of_css_is_taken(text: str, expected: str) -> None:
    colour = parsed(text)
    assert colour
    assert colour.hex == expected


def test_a_transparent_colour_is_thinned_with_paper() -> None:
    colour = parsed("rgba(255, 0, 0, 0.5)")
    assert colour
    assert colour.red > 250
    assert 100 < colour.green < 150


@pytest.mark.parametrize(
    "text",
    [
        "",
        "red",
        "url(#x)",
        "rgba(0,0,0,0)",
        "#12",
        "#12345",
        "#ggg",
        "rgb(256,0,0)",
        "rgb(1,2)",
        "rgb(1,2,3,4,5)",
        "rgba(1,2,3,-1)",
        "rgb(1,2,3);fill:red",
        'rgb(1,2,3)" onload="x',
        "rgb(٣,2,3)",
        "rgb(1e9,0,0)",
        "rgb(1,2,3\n)x",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert parsed(text) is None


@given(st.text(max_size=40) | st.from_regex(r"rgba?\([0-9.,% -]{0,30}\)|#[0-9a-fA-F]{0,9}", fullmatch=True))
def test_whatever_the_source_writes_only_hexadecimal_comes_out(text: str) -> None:
    colour = parsed(text)
    assert colour is None or re.fullmatch(r"#[0-9a-f]{6}", colour.hex)


def test_a_label_has_the_same_colour_whatever_its_case_and_its_track() -> None:
    one, other = (track_of(labels=["Weird Part", label])[0].sections for label in ("Drop", "Break"))
    assert colour_of(one[0]) == colour_of(other[2])
    assert colour_of(one[1]) != colour_of(other[1])


def test_ink_is_dark_on_light_and_white_on_dark() -> None:
    assert Colour(255, 230, 120).ink == INK
    assert Colour(40, 40, 90).ink == "#ffffff"
