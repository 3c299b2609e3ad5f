"""Expressions and templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.expressions import Expression, ExpressionError
from beatsync.core.names import EXAMPLE_VALUES, NAMES
from beatsync.core.templates import Template, TemplateError

VALUES = {**EXAMPLE_VALUES, "energy": 3, "bpm": 126.5, "label": "Drop", "bar": 7}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("energy", 3),
        ("energy / 4", 0.75),
        ("(bpm - 20) / 480", (126.5 - 20) / 480),
        ("min(4, energy + 2)", 4),
        ("round(bpm)", 126),
        ("1 if energy >= 3 else 0", 1),
        ("energy > 2", 1),
        ("label", "Drop"),
        ("bar % 4", 3),
        ("-energy", -3),
    ],
)
def test_an_expression_has_the_value_that_it_says(source: str, value: float | str) -> None:
    assert Expression.parse(source).evaluate(VALUES) == value


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("enrgy", "did you mean 'energy'"),
        ("Drop it", "write {s:"),
        ("energy +", "write {s:"),
        ("zzz", "names: label"),
        ("energy" * 200, "at most 500"),
    ],
)
def test_what_is_no_expression_is_said_with_the_remedy(source: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says.replace("{", r"\{")):
        Expression.parse(source)


@pytest.mark.parametrize(
    "source",
    [
        "1 / (energy - 3)",
        "9 ** 9 ** 9",
        "9 ** 3999999 % 7",
        "10 ** 5000",
        "*".join(["9" * 300] * 2),
        "'%9999999d' % 1",
        "'Dr' in label",
        "energy << 2",
        "energy @ 2",
        "~energy",
        "'a' * 10 ** 9",
        "1e308 * 10",
        "label + 1",
        "[1, 2]",
        "label.upper()",
        "energy()",
    ],
)
def test_what_has_no_value_or_would_take_for_ever_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        Expression.parse(source).evaluate(VALUES)


@pytest.mark.parametrize(
    "source", ["__import__('os')", "().__class__", "open('/etc/passwd')", "lambda: 1", "(energy := 5)"]
)
def test_an_expression_reaches_nothing_but_its_names_and_functions(source: str) -> None:
    with pytest.raises(ExpressionError):
        Expression.parse(source).evaluate(VALUES)


TOKENS = (
    "energy bpm label bars 0 1 2 9 0.5 1e300 'x' ( ) , + - * / // % ** < >= == "
    "and or not if else min max abs round int float"
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(TOKENS.split()), max_size=14).map(" ".join))
def test_any_text_is_an_expression_or_a_clear_refusal(source: str) -> None:
    try:
        value = Expression.parse(source).evaluate(VALUES)
    except ExpressionError:
        return
    assert isinstance(value, int | float | str)


def test_a_template_is_filled_in_for_addresses_and_for_text() -> None:
    template = Template.parse("/{label}/{bpm}")
    assert template.in_address({"label": "Half/Time *", "bpm": 126.5}) == "/Half_Time_/126.5"
    assert template.in_text({"label": "Half/Time *", "bpm": 126.0}) == "/Half/Time */126"


def test_doubled_braces_stand_for_themselves() -> None:
    assert Template.parse("{{a,b}}").in_text({}) == "{a,b}"


@pytest.mark.parametrize(
    ("source", "says"), [("{labl}", "did you mean 'label'"), ("a { b", "single"), ("a } b", "single")]
)
def test_a_template_that_cannot_be_read_is_said_with_the_remedy(source: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        Template.parse(source)


@given(st.text(max_size=60))
def test_any_text_is_a_template_or_a_clear_refusal(source: str) -> None:
    try:
        template = Template.parse(source)
    except TemplateError:
        return
    assert set(template.names) <= set(NAMES)
    assert len(template.texts) == len(template.names) + 1
