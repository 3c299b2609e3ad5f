"""Durations, shifts, moments, comparisons, URLs, starts and arguments."""

from __future__ import annotations

import pytest

from beatsync.config.arguments import argument_of
from beatsync.config.comparisons import change_of, comparison_of, place_of
from beatsync.config.durations import duration_of, positive_duration_of, shift_of
from beatsync.config.moments import moment_of
from beatsync.config.plain import GrammarError, Trap
from beatsync.config.starts import StartArmed, StartAt, StartNow, start_of
from beatsync.config.urls import Url, parse_source, parse_url
from beatsync.core.osc import Tag
from beatsync.core.rules import (
    Computed,
    Edge,
    Every,
    GridShift,
    Literal,
    Moment,
    Shift,
    SpanEdge,
    Text,
    TimeShift,
    TrackEdge,
    Unit,
)
from beatsync.core.targets import Carrier
from beatsync.core.track import Layer
from beatsync.core.units import DurationNs


@pytest.mark.parametrize(
    ("text", "ns"),
    [("30ms", 30_000_000), ("1.5s", 1_500_000_000), ("-40 ms", -40_000_000), ("2min", 120 * 10**9), ("0.1us", 100)],
)
def test_a_duration_is_exact(text: str, ns: int) -> None:
    assert duration_of(text) == ns


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (30, "30 without a unit; write 30ms or 30s"),
        ("30", "expected a duration"),
        ("30 bars", "has the unit 'bars'"),
        ("fast", "expected a duration"),
        ("1e3ms", "expected a duration"),
        ("48h", "has the unit 'h'"),
        ("2000min", "longer than a day"),
        (Trap("12:30", "the integer 750"), 'quote it: "12:30"'),
        (None, "got nothing"),
    ],
)
def test_what_is_no_duration_is_said_with_the_remedy(value: object, says: str) -> None:
    with pytest.raises(GrammarError) as caught:
        duration_of(value)
    assert says in str(caught.value)


def test_a_hold_must_be_above_zero() -> None:
    with pytest.raises(GrammarError, match="above zero"):
        positive_duration_of("0ms")


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("-200ms", TimeShift(DurationNs(-200_000_000))),
        ("-2 bars", GridShift(-2, Unit.BAR)),
        ("1 beat", GridShift(1, Unit.BEAT)),
        ("0.5 beats", GridShift(0.5, Unit.BEAT)),
    ],
)
def test_a_shift_is_a_time_or_a_count_along_the_grid(text: str, shift: Shift) -> None:
    assert shift_of(text) == shift


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("beat", Every(1, Unit.BEAT)),
        ("downbeat", Every(1, Unit.BAR)),
        ("every 4 bars", Every(4, Unit.BAR)),
        ("every beat", Every(1, Unit.BEAT)),
        ("every 2 beats of phrase", Every(2, Unit.BEAT, Layer.PHRASE)),
        ("section", SpanEdge(Layer.SECTION, Edge.START)),
        ("section  start", SpanEdge(Layer.SECTION, Edge.START)),
        ("phrase end", SpanEdge(Layer.PHRASE, Edge.END)),
        ("track", TrackEdge(Edge.START)),
        ("track end", TrackEdge(Edge.END)),
    ],
)
def test_a_moment_is_what_it_says(text: str, moment: Moment) -> None:
    assert moment_of(text) == moment


@pytest.mark.parametrize(
    ("text", "says"), [("sectoin", "'section'"), ("every 0 bars", "every 4 bars"), ("bar", "known moments")]
)
def test_an_unknown_moment_gets_the_nearest_match(text: str, says: str) -> None:
    with pytest.raises(GrammarError, match=says):
        moment_of(text)


@pytest.mark.parametrize(
    ("value", "matching"),
    [(3, {3}), (">= 3", {3, 4}), ("2..3", {2, 3}), ([1, "> 3"], {1, 4}), ("!= 2", {1, 3, 4}), ("<2", {1})],
)
def test_a_comparison_matches_what_it_says(value: object, matching: set[int]) -> None:
    comparison = comparison_of(value)
    assert {number for number in (1, 2, 3, 4) if comparison.matches(number)} == matching


@pytest.mark.parametrize(
    ("value", "matching"),
    [("first", {1}), ("last", {5}), (-2, {4}), ([1, "last"], {1, 5}), ("2..3", {2, 3}), ("-2..-1", {4, 5})],
)
def test_a_place_counts_from_either_end(value: object, matching: set[int]) -> None:
    place = place_of(value)
    assert {number for number in range(1, 6) if place.matches_place(number, of=5)} == matching


def test_a_change_goes_up_or_down() -> None:
    assert [change_of("up").matches(change) for change in (-1, 0, 1)] == [False, False, True]
    assert [change_of("down").matches(change) for change in (-1, 0, 1)] == [True, False, False]


@pytest.mark.parametrize("value", ["three", ">>3", "4..2", [], True, {"a": 1}])
def test_what_is_no_comparison_is_refused(value: object) -> None:
    with pytest.raises(GrammarError):
        comparison_of(value)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("osc.udp://127.0.0.1:7700", Url(Carrier.UDP, "127.0.0.1", 7700)),
        ("osc.tcp://desk.local:3032", Url(Carrier.TCP, "desk.local", 3032)),
        ("osc.udp://[::1]:9", Url(Carrier.UDP, "::1", 9)),
    ],
)
def test_a_target_is_a_url(text: str, url: Url) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("127.0.0.1:7700", "no scheme"),
        ("http://127.0.0.1:7700", "unknown scheme"),
        ("udp://127.0.0.1:7700", "unknown scheme"),
        ("osc.udp://127.0.0.1", "no port"),
        ("osc.udp://127.0.0.1:0", "port '0'; expected 1 to 65535"),
        ("osc.udp://127.0.0.1:70000", "port '70000'"),
        ("osc.udp://127.0.0.1:77:88", "more than one port"),
        ("osc.udp://::1:7700", "in brackets"),
        ("osc.udp://[::1:7700", "in brackets"),
        ("osc.udp://127.0.0.256:7700", "is no host"),
        ("osc.udp://a b:7700", "is no host"),
        ("osc.udp://127.0.0.1:7700/go", "remove '/go'"),
        (Trap("1:2", "the integer 62"), "quote it"),
    ],
)
def test_a_bad_address_is_said_with_the_remedy(text: object, says: str) -> None:
    """C8."""
    with pytest.raises(GrammarError) as caught:
        parse_url(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("10.0.0.5", ("10.0.0.5", None)),
        ("10.0.0.5:7001", ("10.0.0.5", 7001)),
        (":7001", (None, 7001)),
        ("[::1]:7001", ("::1", 7001)),
        ("::1", ("::1", None)),
    ],
)
def test_a_source_is_an_address_a_port_or_both(text: str, source: tuple[str | None, int | None]) -> None:
    assert parse_source(text) == source


def test_starts_are_words_instants_and_seconds() -> None:
    assert start_of("now") == StartNow()
    assert start_of("armed") == StartArmed()
    instant = StartAt(start_of(1767222000).wall)  # type: ignore[union-attr]
    assert start_of("2026-01-01T00:00:00+01:00") == instant
    assert start_of("2025-12-31T23:00:00Z") == instant
    assert start_of(Trap("2025-12-31T23:00:00Z", "a date")) == instant
    assert start_of(1767222000.5) == StartAt(instant.wall + 500_000_000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("2026-01-01T00:00:00", "has no zone; add one"),
        ("soon", "expected now, armed"),
        (1767222000000, "milliseconds? divide by 1000"),
        (-1, "outside 1970"),
        (True, "expected now, armed"),
    ],
)
def test_what_is_no_start_is_said_with_the_remedy(value: object, says: str) -> None:
    with pytest.raises(GrammarError) as caught:
        start_of(value)
    assert says in str(caught.value).replace("\\n", " ")


@pytest.mark.parametrize(
    ("value", "tag", "literal"),
    [
        (1, Tag.INT, 1),
        (1.0, Tag.FLOAT, 1.0),
        (True, Tag.TRUE, True),
        (False, Tag.FALSE, False),
        (None, Tag.NIL, None),
        ("I", Tag.IMPULSE, None),
        ({"f": 1}, Tag.FLOAT, 1.0),
        ({"i": 2.0}, Tag.INT, 2),
        ({"h": 5_000_000_000}, Tag.INT64, 5_000_000_000),
        ({"d": 0.1}, Tag.DOUBLE, 0.1),
        ({"s": "Drop"}, Tag.STRING, "Drop"),
        ({"b": "00ff a0"}, Tag.BLOB, b"\x00\xff\xa0"),
        ({"T": None}, Tag.TRUE, True),
        ("", Tag.STRING, ""),
        (" ", Tag.STRING, " "),
        ({"s": ""}, Tag.STRING, ""),
        ({"s": " "}, Tag.STRING, " "),
    ],
)
def test_what_is_written_decides_the_type(value: object, tag: Tag, literal: object) -> None:
    argument = argument_of(value)
    assert isinstance(argument, Literal)
    assert (argument.tag, argument.value) == (tag, literal)
    assert type(argument.value) is type(literal)


def test_bare_text_is_an_expression_and_text_with_braces_a_template() -> None:
    assert isinstance(argument_of("energy / 4"), Computed)
    assert isinstance(argument_of("bar {bar}"), Text)
    typed = argument_of({"f": "energy / 4"})
    assert isinstance(typed, Computed)
    assert typed.tag is Tag.FLOAT


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (2**31, "write {h: 2147483648}"),
        ("Drop it", "write {s: 'Drop it'}"),
        ("enrgy", "did you mean 'energy'"),
        ({"i": "label"}, "gives text"),
        ({"i": 0.5}, "whole number"),
        ({"f": 1e39}, "does not fit into f"),
        ({"x": 1}, "types: i, f, s, b"),
        ({"i": 1, "f": 2}, "expected one type"),
        ({"b": "xyz"}, "hexadecimal"),
        ({"b": ""}, "at least one byte"),
        ({"f": ""}, "expected a number or an expression, got empty text"),
        ({"T": 5}, "carries no value"),
        (Trap("no", "the boolean false"), '{s: "no"}'),
        ([1], "got a list"),
    ],
)
def test_what_is_no_argument_is_said_with_the_remedy(value: object, says: str) -> None:
    with pytest.raises(GrammarError) as caught:
        argument_of(value)
    assert says in str(caught.value)
