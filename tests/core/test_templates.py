"""Templates: what gets into addresses and texts, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.names import EXAMPLE_VALUES, NAMES
from beatsync.core.osc import check_address
from beatsync.core.templates import Template, TemplateError, written

VALUES = {**EXAMPLE_VALUES, "label": "Drop", "energy": 3, "bpm": 126.5}


def test_names_are_filled_in_wherever_they_stand() -> None:
    template = Template.parse("{label}/a{energy}{energy}/{ bpm }")
    assert template.names == ("label", "energy", "energy", "bpm")
    assert template.in_text(VALUES) == "Drop/a33/126.5"


def test_doubled_braces_stand_for_themselves() -> None:
    assert Template.parse("{{label}} {{{energy}}}").in_text(VALUES) == "{label} {3}"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{labl}", "did you mean 'label'"),
        ("{}", "known names: label"),
        ("{zzz}", "known names: label"),
        ("{label", "single '{'"),
        ("label}", "single '}'"),
        ("{label!r}", "unknown name"),
        ("{label.__class__}", "unknown name"),
        ("{la{energy}bel}", "single '{'"),
    ],
)
def test_what_is_no_template_is_said_with_the_remedy(source: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse(source)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (126.0, "126"), (126.5, "126.5"), (0.12345, "0.123"), (100.0, "100"), (1e20, "1" + "0" * 20), ("", "")],
)
def test_numbers_are_written_short(value: float | str, text: str) -> None:
    assert written(value) == text


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert written(-0.0001) == "0"


@given(st.sampled_from(list(NAMES)), st.text() | st.floats(allow_nan=False) | st.integers())
def test_whatever_a_name_stands_for_the_address_can_be_sent(name: str, value: str | float) -> None:
    """I13."""
    address = Template.parse(f"/a/{{{name}}}/b").in_address({name: value})
    check_address(address)
    assert address.count("/") == 3
    assert not set(address) & set("*?[]{}#, ")


@given(st.text())
def test_whatever_a_label_is_the_text_can_be_sent(label: str) -> None:
    """I13."""
    text = Template.parse("<{label}>").in_text({"label": label})
    assert "\0" not in text
    assert text.encode()


@given(st.text(max_size=40))
def test_any_text_is_a_template_or_a_clear_refusal(source: str) -> None:
    try:
        template = Template.parse(source)
    except TemplateError:
        return
    assert template.in_text(VALUES) or not source
