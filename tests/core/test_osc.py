"""OSC encoding, against python-osc's own parser, and what its builder gets wrong."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from beatsync.core.osc import VALUE_OF, OscError, Tag, Value, check_address, encode

VALUES = st.one_of(
    st.tuples(st.just(Tag.INT), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just(Tag.INT64), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(Tag.FLOAT), st.floats(width=32, allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(Tag.DOUBLE), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(Tag.STRING), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    st.tuples(st.just(Tag.BLOB), st.binary(min_size=1)),
    st.sampled_from([(tag, VALUE_OF[tag]) for tag in (Tag.TRUE, Tag.FALSE, Tag.NIL)]),
)


@given(st.lists(VALUES, max_size=6))
def test_what_is_encoded_comes_out_of_an_independent_parser_as_it_went_in(arguments: list[tuple[Tag, Value]]) -> None:
    message = OscMessage(encode("/a/b", arguments))
    assert message.address == "/a/b"
    assert message.params == [value for _, value in arguments]


@given(st.lists(VALUES, max_size=6))
def test_every_packet_is_a_multiple_of_four_bytes_and_has_a_type_tag_string(
    arguments: list[tuple[Tag, Value]],
) -> None:
    packet = encode("/abc", arguments)
    assert len(packet) % 4 == 0
    assert packet[8:9] == b","


def test_a_message_without_arguments_has_a_type_tag_string_too() -> None:
    assert encode("/go", []) == b"/go\0,\0\0\0"
    assert encode("/go", [(Tag.IMPULSE, None)]) == b"/go\0,I\0\0"


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (Tag.INT, 2**31),
        (Tag.INT, -(2**31) - 1),
        (Tag.INT, 0.5),
        (Tag.INT, True),
        (Tag.INT64, 2**63),
        (Tag.FLOAT, 1e39),
        (Tag.FLOAT, math.nan),
        (Tag.FLOAT, math.inf),
        (Tag.FLOAT, 10**400),
        (Tag.DOUBLE, math.inf),
        (Tag.STRING, "a\0b"),
        (Tag.STRING, 5),
        (Tag.STRING, "\ud800"),
        (Tag.BLOB, b""),
    ],
)
def test_what_cannot_be_sent_is_refused_before_the_show(tag: Tag, value: Value) -> None:
    with pytest.raises(OscError):
        encode("/a", [(tag, value)])


def test_the_smallest_integer_stays_an_i() -> None:
    assert encode("/a", [(Tag.INT, -(2**31))])[4:8] == b",i\0\0"


@pytest.mark.parametrize("address", ["", "go", "/with space", "/hash#", "/comma,", "/ä", "/nul\0"])
def test_addresses_that_receivers_choke_on_are_refused(address: str) -> None:
    """C8."""
    with pytest.raises(OscError, match="address"):
        check_address(address)
