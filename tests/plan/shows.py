"""Tracks, rules and schedules for the tests of the plan: small ones by hand, hostile ones drawn by hypothesis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from beatsync.core.compilation import compile_schedule
from beatsync.core.default_rules import default_rules
from beatsync.core.document import parse_track
from beatsync.core.expressions import Expression
from beatsync.core.leads import Lead
from beatsync.core.notes import Note
from beatsync.core.osc import Tag
from beatsync.core.rules import (
    POLICY_OF,
    Argument,
    Computed,
    Edge,
    Ending,
    Every,
    GridShift,
    Kind,
    Literal,
    Message,
    Moment,
    Rule,
    Send,
    Shift,
    SpanEdge,
    Text,
    TimeShift,
    TrackEdge,
    Unit,
    usual_kind,
)
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Carrier, Target
from beatsync.core.templates import Template
from beatsync.core.track import Layer, Track
from beatsync.core.units import DurationNs, ms

LIGHTS = Target(name="lights", carrier=Carrier.UDP, host="127.0.0.1", port=7700)
VISUALS = Target(name="visuals", carrier=Carrier.TCP, host="10.0.0.9", port=3032, lead=Lead(ms(40)))
TARGETS = (LIGHTS, VISUALS)
LABELS = ("Intro", "Build", "Drop", "Break")
HOSTILE = (
    "<script>alert(1)</script>",
    "\"quoted\" 'and' & </text></svg>",
    "]]><!-- \x1b[31m \x00 \x07 \ufffe",
    "\u202eRTL \ud800 [red]markup[/red]",
    "日本語のサビ 🎛",
    "=SUM(A1:A9)",
    "{label} %s url(#x)",
    "x" * 250,
)


@dataclass(frozen=True)
class PlannedShow:
    """What every format is made from."""

    track: Track
    schedule: Schedule
    targets: tuple[Target, ...]
    notes: tuple[Note, ...]


def track_of(
    seconds: float = 32.0,
    *,
    bpm: float = 120.0,
    pick_up: int = 0,
    section_beats: int = 16,
    labels: Sequence[str | None] = LABELS,
    energy: int | None = 3,
    colour: str | None = None,
    **changed: object,
) -> tuple[Track, tuple[Note, ...]]:
    """A steady track in four with equal sections, each of two phrases; `changed` replaces fields of its document."""
    beat = 60 / bpm
    times = [round(index * beat, 6) for index in range(int(seconds / beat))]

    def spans(beats: int) -> list[dict[str, object]]:
        starts = [round(index * beats * beat, 6) for index in range(int(seconds / beat / beats) + 1)]
        ends = [*starts[1:], seconds]
        return [
            {"start": start, "end": end, "label": labels[index % len(labels)], "energy": energy, "color": colour}
            for index, (start, end) in enumerate(zip(starts, ends, strict=True))
            if end > start
        ]

    fields: dict[str, object] = {
        "asset_id": "1843209165",
        "duration": seconds,
        "bpm": bpm,
        "track_energy": 2.5,
        "beat_grid": {"times": times, "downbeats": times[pick_up::4]},
        "sections": spans(section_beats),
        "phrases": spans(max(section_beats // 2, 1)),
    }
    parsed = parse_track(json.dumps(fields | changed).encode(), source="a test's track")
    return parsed.track, parsed.notes


def rule(
    name: str,
    on: Moment,
    address: str,
    *arguments: Argument,
    target: str = "lights",
    kind: Kind | None = None,
    at: Shift | None = None,
    ends: bool = False,
    hold: DurationNs | None = None,
) -> Rule:
    """A rule with one message. `ends`: `/off` ends its look with its span, or `hold` after it was sent."""
    kind = kind or usual_kind(on)
    off = Message(target, Template.parse("/off"), (Literal(Tag.INT, 0),))
    ending = Ending(off, hold) if ends or hold is not None else None
    send = Send(Message(target, Template.parse(address), arguments), ending)
    return Rule(place="rules[0]", name=name, on=on, sends=(send,), kind=kind, policy=POLICY_OF[kind], at=at)


def computed(expression: str) -> Computed:
    """An argument computed for each cue."""
    return Computed(Expression.parse(expression))


def show_of(
    track: Track, rules: Sequence[Rule], targets: tuple[Target, ...] = TARGETS, notes: tuple[Note, ...] = ()
) -> PlannedShow:
    """The show that these make."""
    return PlannedShow(track, compile_schedule(track, rules, targets), targets, notes)


def default_show(*, targets: tuple[Target, ...] = TARGETS, **track: object) -> PlannedShow:
    """A track with the default rules."""
    made, notes = track_of(**track)  # type: ignore[arg-type]
    return show_of(made, default_rules(target.name for target in targets), targets, notes)


SECTIONS = SpanEdge(Layer.SECTION, Edge.START)
BEATS = Every(1, Unit.BEAT)

_moments: st.SearchStrategy[Moment] = st.sampled_from(
    [
        SECTIONS,
        SpanEdge(Layer.SECTION, Edge.END),
        SpanEdge(Layer.PHRASE, Edge.START),
        TrackEdge(Edge.START),
        TrackEdge(Edge.END),
        BEATS,
        Every(1, Unit.BAR),
        Every(3, Unit.BEAT, Layer.SECTION),
    ]
)
_shifts = st.none() | st.builds(
    TimeShift, st.integers(-90_000, 90_000).map(ms)
) | st.builds(GridShift, st.floats(-9, 9), st.sampled_from(Unit))  # fmt: skip
_arguments: st.SearchStrategy[Argument] = st.sampled_from(
    [
        computed("energy / 4"),
        computed("bar"),
        computed("label"),
        Literal(Tag.BLOB, b"\x00\xff="),
        Literal(Tag.STRING, '-1 "quoted" \x1b[2J\n</title>'),
        Literal(Tag.TRUE, True),
        Literal(Tag.IMPULSE, None),
        Literal(Tag.INT64, -(1 << 63)),
        Text(Template.parse("=1+{label}")),
    ]
)


@st.composite
def _rules(draw: st.DrawFn) -> Rule:
    hold = draw(st.none() | st.integers(1, 5000).map(ms))
    return rule(
        draw(st.sampled_from(["strobe", "", *HOSTILE])),
        draw(_moments),
        draw(st.sampled_from(["/look", "/look/{label}", "/a/very/long/address/that/fits/nowhere/{label}/{bar}"])),
        *draw(st.lists(_arguments, max_size=3)),
        target=draw(st.sampled_from(["lights", "visuals", "unheard-of"])),
        kind=draw(st.none() | st.sampled_from(Kind)),
        at=draw(_shifts),
        ends=draw(st.booleans()),
        hold=hold,
    )


@st.composite
def shows(draw: st.DrawFn) -> PlannedShow:
    """Shows with hostile labels, with or without a grid, sections, cues; with cues far outside the track."""
    seconds = draw(st.sampled_from([0.4, 3.0, 33.3, 240.0, 700.0]))
    changed: dict[str, object] = {}
    if draw(st.booleans()):
        changed["beat_grid"] = None
    if draw(st.booleans()):
        changed["sections"] = []
    if draw(st.booleans()):
        changed["phrases"] = []
    track, notes = track_of(
        seconds,
        pick_up=draw(st.integers(0, 3)),
        section_beats=draw(st.sampled_from([1, 7, 16, 64])),
        labels=draw(st.lists(st.sampled_from([None, *LABELS, *HOSTILE]), min_size=1, max_size=4)),
        energy=draw(st.none() | st.integers(1, 4)),
        colour=draw(st.sampled_from([None, "rgba(255, 0, 0, 0.5)", "#08f", "url(#x)", 'red" onload="x'])),
        **changed,  # type: ignore[arg-type]
    )
    return show_of(track, draw(st.lists(_rules(), max_size=5)), TARGETS, notes)
