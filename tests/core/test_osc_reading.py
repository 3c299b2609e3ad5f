"""OSC packets of strangers: read like python-osc reads good ones, and refused with a reason where it fails."""

from __future__ import annotations

import random  # noqa: TID251  seeded
import struct
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY as AT_ONCE
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage as PythonOscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from beatsync.core.osc import Tag, encode
from beatsync.core.osc_reading import (
    IMMEDIATELY,
    MAX_ARGUMENTS,
    MAX_MESSAGES,
    MAX_PACKET_BYTES,
    Argument,
    MalformedOsc,
    OscFault,
    OscMessage,
    read_packet,
)

NOW = b"\0\0\0\0\0\0\0\1"
PING = b"/ping\0\0\0,\0\0\0"
ADDRESSES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20).map(lambda text: "/" + text)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
TYPED: dict[str, st.SearchStrategy[Any]] = {
    "i": st.integers(-(2**31) + 1, 2**31 - 1),
    "h": st.integers(-(2**63), 2**63 - 1),
    "f": st.floats(width=32),
    "d": st.floats(),
    "s": TEXTS,
    "b": st.binary(min_size=1, max_size=20),
    "T": st.just(True),
    "F": st.just(False),
    "N": st.none(),
    "r": st.integers(0, 2**32 - 1),
    "m": st.tuples(*[st.integers(0, 255)] * 4),
}
ARGUMENTS = st.one_of([st.tuples(st.just(tag), values) for tag, values in TYPED.items()])
NESTED = st.lists(st.one_of(ARGUMENTS, st.lists(ARGUMENTS, max_size=4)), max_size=8)


def text(value: str) -> bytes:
    raw = value.encode()
    return raw + b"\0" * (4 - len(raw) % 4)


def message(address: str, tags: str = "", data: bytes = b"") -> bytes:
    return text(address) + text("," + tags) + data


def bundle(*elements: bytes, time_tag: bytes = NOW) -> bytes:
    return b"#bundle\0" + time_tag + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def fault(data: bytes) -> OscFault:
    with pytest.raises(MalformedOsc) as caught:
        read_packet(data)
    assert str(caught.value) == caught.value.fault
    return caught.value.fault


def built(address: str, arguments: list[Any]) -> OscMessageBuilder:
    """`arguments`: pairs of type and value, and lists of such pairs."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        if isinstance(argument, list):
            builder.add_arg([value for _, value in argument], [tag for tag, _ in argument])
        else:
            builder.add_arg(argument[1], argument[0])
    return builder


def flattened(values: list[Any]) -> list[Any]:
    return [part for value in values for part in (flattened(value) if isinstance(value, list) else [value])]


def comparable(tag: str, value: Any) -> object:
    """A value as it can be compared: NaN equals itself, and what is read as four bytes is four bytes."""
    match tag:
        case "r" if isinstance(value, int):
            return value.to_bytes(4, "big")
        case "m" if isinstance(value, tuple):
            return bytes(value)
        case "f" | "d":
            return struct.pack(">d", value)
        case _:
            return value


def assert_read_alike(ours: OscMessage, theirs: PythonOscMessage) -> None:
    assert ours.address == theirs.address
    expected = flattened(theirs.params)
    assert [comparable(tag, value) for tag, value in zip(ours.tags, ours.arguments, strict=True)] == [
        comparable(tag, value) for tag, value in zip(ours.tags, expected, strict=True)
    ]


@given(ADDRESSES, NESTED)
def test_a_good_message_is_read_as_python_osc_reads_it(address: str, arguments: list[Any]) -> None:
    built_message = built(address, arguments).build()
    (ours,) = read_packet(built_message.dgram)
    assert_read_alike(ours, built_message)
    assert ours.time_tag is None


@given(st.lists(st.tuples(ADDRESSES, NESTED), max_size=5), st.integers(1, 3))
def test_a_good_bundle_is_read_as_python_osc_reads_it(contents: list[tuple[str, list[Any]]], depth: int) -> None:
    builder = OscBundleBuilder(AT_ONCE)
    for address, arguments in contents:
        builder.add_content(built(address, arguments).build())
    for _ in range(depth):
        outer = OscBundleBuilder(AT_ONCE)
        outer.add_content(builder.build())
        builder = outer
    theirs = list(messages_in(builder.build()))
    ours = read_packet(builder.build().dgram)
    assert len(ours) == len(theirs)
    for mine, yours in zip(ours, theirs, strict=True):
        assert_read_alike(mine, yours)
        assert mine.time_tag == IMMEDIATELY


def messages_in(content: OscBundle) -> list[PythonOscMessage]:
    return [
        message
        for element in content
        for message in (messages_in(element) if isinstance(element, OscBundle) else [element])
    ]


def test_what_beatsync_sends_it_can_read() -> None:
    arguments: list[tuple[Tag, Argument]] = [
        (Tag.INT, -(2**31)),
        (Tag.STRING, "Größe"),
        (Tag.IMPULSE, None),
        (Tag.TRUE, True),
        (Tag.BLOB, b"\1"),
    ]
    (read,) = read_packet(encode("/section/Drop", arguments))
    assert read == OscMessage("/section/Drop", "isITb", (-(2**31), "Größe", None, True, b"\1"))


def test_types_that_python_osc_does_not_know_do_not_shift_the_rest() -> None:
    data = message("/x", "cSti", b"\0\0\0A" + text("sym") + b"\0\0\0\1\0\0\0\2" + b"\0\0\0\7")
    assert read_packet(data) == (OscMessage("/x", "cSti", (b"\0\0\0A", "sym", (1 << 32) + 2, 7)),)


def test_an_array_is_flattened() -> None:
    data = message("/x", "i[ii[T]]s", struct.pack(">iii", 1, 2, 3) + text("end"))
    assert read_packet(data) == (OscMessage("/x", "iiiTs", (1, 2, 3, True, "end")),)


def test_messages_of_nested_bundles_come_in_order_with_the_tag_of_their_own_bundle() -> None:
    inner = bundle(message("/2"), message("/3"), time_tag=b"\0\0\0\0\0\0\0\5")
    packet = bundle(message("/1"), inner, message("/4"))
    assert [(one.address, one.time_tag) for one in read_packet(packet)] == [("/1", 1), ("/2", 5), ("/3", 5), ("/4", 1)]


def test_an_empty_bundle_holds_nothing() -> None:
    assert read_packet(bundle()) == ()


def test_a_time_tag_in_the_future_is_a_number_and_nothing_waits_for_it() -> None:
    """K3: what it means, if anything, is for whoever asked; the feed does not look at it."""
    (read,) = read_packet(bundle(PING, time_tag=b"\xff" * 8))
    assert read == OscMessage("/ping", time_tag=2**64 - 1)


def test_a_message_without_a_type_tag_string_has_no_arguments() -> None:
    """Old senders; the specification asks receivers to bear with them."""
    assert read_packet(text("/play")) == (OscMessage("/play"),)
    assert fault(text("/play") + b"\0\0\0\0") is OscFault.NO_TYPES
    assert fault(text("/play") + text("x")) is OscFault.NO_TYPES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", OscFault.EMPTY),
        (b"/a\0", OscFault.UNALIGNED),
        (b"\0" * 4, OscFault.NO_ADDRESS),
        (b"ping\0\0\0\0", OscFault.NO_ADDRESS),
        (b"#bundl\0\0", OscFault.NO_ADDRESS),
        (text("/caf\u00e9"), OscFault.NO_ADDRESS),
        (text("/a\nb"), OscFault.NO_ADDRESS),
        (b"/abc", OscFault.SHORT),
        (text("/a") + b",fff", OscFault.SHORT),
        (message("/a", "f", b""), OscFault.SHORT),
        (message("/a", "ff", b"\0" * 4), OscFault.SHORT),
        (message("/a", "d", b"\0" * 4), OscFault.SHORT),
        (message("/a", "s", b"abcd"), OscFault.SHORT),
        (message("/a", "b", struct.pack(">i", 8) + b"\0" * 4), OscFault.SHORT),
        (message("/a", "b", struct.pack(">i", -4)), OscFault.SHORT),
        (message("/a", "b", struct.pack(">i", 2**31 - 1)), OscFault.SHORT),
        (message("/a", "b", struct.pack(">i", 1) + b"abcd"), OscFault.PADDING),
        (message("/a", "s", b"a\0b\0"), OscFault.PADDING),
        (message("/a", "s", b"\xff\xfe\0\0"), OscFault.NOT_UTF_8),
        (message("/a", "s", b"\xed\xa0\x80\0"), OscFault.NOT_UTF_8),
        (message("/a", "", b"\0" * 4), OscFault.LONG),
        (message("/a", "i", b"\0" * 8), OscFault.LONG),
        (message("/a", "q", b"\0" * 4), OscFault.UNKNOWN_TYPE),
        (message("/a", "iX", b"\0" * 4), OscFault.UNKNOWN_TYPE),
        (message("/a", "[i", b"\0" * 4), OscFault.BRACKETS),
        (message("/a", "i]", b"\0" * 4), OscFault.BRACKETS),
        (message("/a", "][", b""), OscFault.BRACKETS),
        (message("/a", "[" * 5 + "]" * 5), OscFault.TOO_DEEP),
        (message("/a", "T" * (MAX_ARGUMENTS + 1)), OscFault.TOO_MANY),
        (b"#bundle\0" + b"\0" * 4, OscFault.SHORT),
        (bundle() + b"\0\0\0\0", OscFault.ELEMENT_SIZE),
        (bundle() + struct.pack(">i", 8) + b"/a\0\0", OscFault.ELEMENT_SIZE),
        (bundle() + struct.pack(">i", 2) + b"/a\0\0", OscFault.ELEMENT_SIZE),
        (bundle(PING, b"what"), OscFault.NO_ADDRESS),
    ],
)
def test_what_is_malformed_is_refused_with_a_fixed_reason(data: bytes, expected: OscFault) -> None:
    assert fault(data) is expected


def test_as_many_as_are_allowed_are_read() -> None:
    assert len(read_packet(bundle(*[message("/a")] * 200))) == 200
    assert read_packet(message("/a", "T" * MAX_ARGUMENTS))[0].arguments == (True,) * MAX_ARGUMENTS
    assert len(read_packet(bundle(bundle(bundle(bundle(PING)))))) == 1


@pytest.mark.parametrize("size", [-4, -1, -(2**31), 2**31 - 1])
def test_an_element_size_that_holds_python_osc_for_ever_is_refused(size: int) -> None:
    """receivers.md, section 4: -4 goes back to the size itself, again and again."""
    assert fault(bundle() + struct.pack(">i", size) + PING) is OscFault.ELEMENT_SIZE


@pytest.mark.parametrize("depth", [5, 100, 200])
def test_bundles_that_exhaust_python_osc_s_stack_are_refused(depth: int) -> None:
    """K2: 204 bundles are what 4096 bytes can hold."""
    packet = PING
    for _ in range(depth):
        packet = bundle(packet)
    assert fault(packet) is OscFault.TOO_DEEP


def test_three_thousand_nested_bundles_are_refused_for_their_size() -> None:
    """K2"""
    packet = PING
    for _ in range(3000):
        packet = bundle(packet)
    assert fault(packet) is OscFault.TOO_LARGE


def test_the_largest_datagram_and_thousands_of_arrays_are_refused() -> None:
    """K2"""
    assert fault(message("/a", "b", struct.pack(">i", 65_000) + b"\0" * 65_000)) is OscFault.TOO_LARGE
    assert fault(message("/a", "[" * 15_000 + "]" * 15_000)) is OscFault.TOO_LARGE
    assert fault(message("/a", "[" * 2_000 + "]" * 2_000)) is OscFault.TOO_DEEP


def test_a_bundle_of_the_smallest_elements_is_refused_for_their_number() -> None:
    assert MAX_MESSAGES < (MAX_PACKET_BYTES - 16) // 8
    assert fault(bundle(*[b"/\0\0\0"] * 500)) is OscFault.TOO_MANY


SEEDS = (
    PING,
    message("/master/time", "f", struct.pack(">f", 12.5)),
    message("/mix", "ifsbhdtcSrm[iTFNI]", bytes(range(4)) * 2 + text("abc") + struct.pack(">i", 3) + bytes(range(60))),
    bundle(message("/time", "f", b"\0" * 4), bundle(message("/play", "i", b"\0\0\0\1"), PING), PING),
    bundle(bundle(bundle(bundle(PING)))),
    message("/reply/cue/1/valuesForKeys", "s", text('{"status":"ok","data":{"actionElapsed":1.5}}')),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` after a few accidents."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(6):
            case 0:
                changed[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                changed[at:at] = chance.randbytes(chance.choice([1, 4, 8]))
            case 2:
                del changed[at : at + chance.choice([1, 4, 16])]
            case 3:
                changed[at : at + 4] = struct.pack(">i", chance.choice([-4, -1, 0, 1, 3, 4, 2**31 - 1, -(2**31)]))
            case 4:
                changed[at:at] = changed[chance.randrange(len(changed) + 1) :][:64]
            case _:
                changed = bytearray(bundle(bytes(changed)))
    return bytes(changed)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_and_random_packets_are_read_or_refused_and_nothing_else(seed: int) -> None:
    """K1, in short: 1,000 of each seed. No exception but ours, and what is read keeps its bounds."""
    chance = random.Random(seed)
    verdicts: Counter[str] = Counter()
    for _ in range(1000):
        data = (
            chance.randbytes(chance.randrange(80)) if chance.random() < 0.1 else mutated(chance.choice(SEEDS), chance)
        )
        try:
            messages = read_packet(data)
        except MalformedOsc as refused:
            verdicts[refused.fault] += 1
        else:
            verdicts["read"] += 1
            assert len(messages) <= MAX_MESSAGES
            for read in messages:
                assert read.address.startswith("/")
                assert len(read.tags) == len(read.arguments) <= MAX_ARGUMENTS
    assert verdicts["read"] > 20
    assert len(verdicts) > 8


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """K1"""
    for packet in (data, b"/a\0\0," + data, b"#bundle\0" + NOW + data):
        try:
            read_packet(packet)
        except MalformedOsc:
            continue
