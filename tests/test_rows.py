"""Every row of the catalogue of faults that an issue names has a test that names it, in its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
WANTED = {
    "follow the player": "F1-F15",
    "the main job": "C1-C12 I1-I18 A1-A14 N1-N15 H1 H3 H8 H9",
    "a show that lasts": "L1-L9 L12 C11 I16",
}
"""By issue; further ones get a line of their own."""


def rows_in(text: str) -> Iterator[str]:
    """`C1-C3 H1` one by one."""
    for word in text.split():
        first, _, last = word.partition("-")
        for number in range(int(first[1:]), int((last or first)[1:]) + 1):
            yield f"{first[0]}{number}"


def rows_named() -> set[str]:
    """Every row in the docstring of a test."""
    return {
        row
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for row in re.findall(r"\b[A-Z][0-9]{1,2}\b", ast.get_docstring(node) or "")
    }


@pytest.mark.parametrize("issue", WANTED)
def test_every_row_of_an_issue_is_named_by_a_test(issue: str) -> None:
    missing = set(rows_in(WANTED[issue])) - rows_named()
    assert sorted(missing) == []


def test_a_row_that_no_test_names_is_missed() -> None:
    assert list(rows_in("C9-C11 H1")) == ["C9", "C10", "C11", "H1"]
    assert set(rows_in("Z1-Z2")) - rows_named() == {"Z1", "Z2"}
