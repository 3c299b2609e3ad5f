"""Track documents: whatever the bytes, a track that keeps its promises or one line; never anything else."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.document import parse_track
from beatsync.core.labels import KNOWN_LABELS
from beatsync.errors import TrackError
from tests.core.documents import document, good_fields
from tests.core.promises import check_track


def check_outcome(data: bytes) -> None:
    """A track that keeps its promises, or one printable line; nothing else."""
    try:
        result = parse_track(data, source="x.json")
    except TrackError as error:
        message = str(error)
        assert message.startswith("x.json: ")
        assert message.isprintable()
        assert len(message) < 400
    else:
        check_track(result.track)
        assert all(str(note).isprintable() and len(str(note)) < 400 for note in result.notes)


def isfinite(number: float) -> bool:
    """Of integers too that no float can hold."""
    return -1e300 < number < 1e300


numbers = (
    st.floats()
    | st.integers()
    | st.integers(0, 100)
    | st.floats(0, 20)
    | st.sampled_from([-0.0, 1e-320, 1e308, 10**400, -(10**4000), float("nan"), float("inf")])
)
texts = st.text(st.characters(codec=None, categories=None), max_size=20) | st.sampled_from(KNOWN_LABELS)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=8,
)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return strategy | values


def shaped(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({}, optional=fields)


times = st.lists(st.floats(-1, 20) | numbers, max_size=20) | st.lists(st.floats(0, 20), max_size=40).map(sorted)
spans = st.lists(
    st.fixed_dictionaries(
        {"start": maybe(st.floats(-5, 25)), "end": maybe(st.floats(-5, 25))},
        optional={"label": maybe(texts), "energy": maybe(st.integers(0, 5)), "color": maybe(texts)},
    ),
    max_size=8,
)
nearly_tracks = shaped(
    asset_id=maybe(st.just("12")),
    duration=maybe(st.floats(0, 30)),
    bpm=maybe(st.floats(0, 300)),
    track_energy=maybe(st.floats(0, 4)),
    beat_grid=maybe(shaped(times=maybe(times), downbeats=maybe(times))),
    sections=maybe(spans),
    phrases=maybe(spans),
)


@st.composite
def rough_grids(draw: st.DrawFn) -> dict[str, list[float]]:
    """Beats in order from before the track to beyond its end, some of them close; downbeats beside some of them."""
    beats = sorted(draw(st.lists(st.integers(-50, 2_500), max_size=60)))
    off = st.sampled_from([0, 0, 0, 0.004, -0.004, 0.006])
    downbeats = [beat / 100 + draw(off) for beat in beats if draw(st.integers(0, 3)) == 0]
    return {"times": [beat / 100 for beat in beats], "downbeats": sorted(downbeats)}


rough_spans = st.lists(
    st.fixed_dictionaries(
        {"start": st.integers(-5, 25), "end": st.floats(-5, 25)},
        optional={"label": texts | st.none(), "energy": st.integers(0, 5) | st.none(), "color": texts | st.none()},
    ),
    max_size=8,
)
rough_tracks = st.fixed_dictionaries(
    {"duration": st.floats(1, 30) | st.none(), "beat_grid": rough_grids()},
    optional={"asset_id": texts, "bpm": numbers.filter(isfinite), "sections": rough_spans, "phrases": rough_spans},
)


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """I1, I2, I3, I4, I12, I18."""
    check_outcome(data)


@settings(deadline=None)
@given(values)
def test_any_json_is_read_or_refused(value: object) -> None:
    """I2, I3, I10, I13."""
    check_outcome(encoded(value))


@settings(deadline=None, max_examples=200)
@given(nearly_tracks)
def test_anything_like_a_track_is_read_or_refused(value: object) -> None:
    """I2, I3, I5 to I10, I13, I14."""
    check_outcome(encoded(value))


@settings(deadline=None, max_examples=200)
@given(rough_tracks)
def test_a_rough_track_is_put_right_or_refused(value: object) -> None:
    """I5, I6, I7, I8, I9, I13, I14."""
    check_outcome(encoded(value))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_good_document_with_damaged_bytes_is_read_or_refused(data: st.DataObject) -> None:
    """I1, I12, I18."""
    good = document()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 40, len(good))))
    filling = data.draw(st.binary(max_size=8) | st.just(good[start : start + 200]))
    check_outcome(good[:start] + filling + good[end:])


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_good_document_with_one_value_replaced_is_read_or_refused(data: st.DataObject) -> None:
    """I2, I3, I5 to I10, I13, I14."""
    fields = good_fields()
    place: object = fields
    while True:
        assert isinstance(place, (dict, list))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], (dict, list)) and place[key]) or data.draw(st.integers(0, 4)) == 0:
            break
        place = place[key]
    place[key] = data.draw(values)
    check_outcome(encoded(fields))
