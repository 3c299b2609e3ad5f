"""Labels: spellings, addresses, arguments."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.labels import KNOWN_LABELS, address_safe, canonical, is_known, same_label, text_safe

any_text = st.text(st.characters(codec=None, categories=None), max_size=400)


@pytest.mark.parametrize("label", KNOWN_LABELS)
def test_a_known_label_gets_the_spelling_of_the_source_whatever_its_case(label: str) -> None:
    assert canonical(label.upper()) == canonical(f" {label.lower()}\n") == label
    assert is_known(label.lower())


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("pre chorus", "Pre chorus"),
        ("pre\t\r\nchorus", "Pre chorus"),
        ("d\0rop", "Drop"),
        ("\u202eeman", "Eman"),
        ("fill \ud800", "Fill \ufffd"),
        ("مقدمة", "مقدمة"),
        ("🔥 lit", "🔥 lit"),
        ("x" * 70_000, "X" + "x" * 255),
        ("", ""),
        (" \0 ", ""),
    ],
)
def test_any_other_label_is_cleaned_and_capitalised(written: str, spelling: str) -> None:
    """I13."""
    assert canonical(written) == spelling


@settings(deadline=None)
@given(any_text)
def test_a_canonical_label_stays_as_it_is_and_can_be_shown(label: str) -> None:
    """I13."""
    spelling = canonical(label)
    assert canonical(spelling) == spelling
    assert len(spelling.encode()) <= 4 * 256
    assert "\0" not in spelling
    assert "\n" not in spelling


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("Drop", "Drop"),
        ("Pre Chorus", "Pre_Chorus"),
        ("a/b*c?[d]{e},#f", "a_b_c_d_e_f"),
        ("🔥", "_"),
        ("", "_"),
        (".", "_"),
        ("..", "_"),
        ("v1.2-b", "v1.2-b"),
        ("x" * 65, "x" * 64),
    ],
)
def test_a_label_in_an_address_has_only_characters_that_no_receiver_interprets(label: str, part: str) -> None:
    """I13."""
    assert address_safe(label) == part


@settings(deadline=None)
@given(any_text)
def test_every_label_makes_one_part_of_an_address(label: str) -> None:
    """I13."""
    part = address_safe(label)
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", part)
    assert part not in {".", ".."}


@settings(deadline=None)
@given(any_text)
def test_every_label_can_be_sent_as_a_string(label: str) -> None:
    """I13: NUL ends an OSC string, and a lone surrogate has no UTF-8."""
    assert b"\0" not in text_safe(label).encode()


def test_labels_compare_without_case() -> None:
    assert same_label("DROP", "drop")
    assert same_label("Straße", "STRASSE")
    assert not same_label("Break", "Breakdown")
