"""What may be pushed, and what is said of anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.observation import TrackHint
from beatsync.core.transport import Rate
from beatsync.core.units import DurationNs, TrackNs
from beatsync.feeds.push.positions import MAX_POSITIONS, Pushed, read_push
from beatsync.feeds.push.refusals import Unpushed
from beatsync.web.refusals import Refusal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=10), values, max_size=4),
    max_leaves=10,
)


def refusal(body: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        read_push(body)
    assert (caught.value.reason, caught.value.status) == (Unpushed.MALFORMED, 400)
    return str(caught.value)


def test_one_position_with_everything() -> None:
    body = b'{"pos":12.3,"playing":true,"rate":1.04,"sent":1700000000.125,"jump":true,"track":"One","sender":"tab 1"}'
    (pushed,) = read_push(body)
    assert pushed == Pushed(
        position=TrackNs(12_300_000_000),
        playing=True,
        rate=Rate(1_040_000_000),
        jump=True,
        sent=pushed.sent,
        track=TrackHint(title="One"),
        sender="tab 1",
    )
    assert pushed.sent is not None
    assert abs(pushed.sent - 1_700_000_000_125_000_000) < 1000


def test_a_batch_comes_in_its_order() -> None:
    pushed = read_push(b'[{"pos": 1, "sent": 10}, {"pos": 1.1, "sent": 10.1}, {"playing": false}]')
    assert [one.position for one in pushed] == [10**9, 1_100_000_000, None]
    assert [one.playing for one in pushed] == [None, None, False]


def test_a_track_may_be_named_by_its_parts() -> None:
    track = {"id": "7", "file": "a.mp3", "title": "One", "artist": "A", "duration": 183.2}
    (pushed,) = read_push(json.dumps({"track": track}).encode())
    assert pushed.track == TrackHint(
        id="7", file="a.mp3", title="One", artist="A", duration=DurationNs(183_200_000_000)
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", 'the body is not JSON; expected {"pos": 12.3,'),
        (b"pos=12.3", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        (b"[" * 10_000, "the body is not JSON"),
        (b'{"pos": ' + b"9" * 5000 + b"}", "the body is not JSON"),
        (b"[]", "a list of 0 positions; expected 1 to 64"),
        (b"[" + b'{"pos":1},' * MAX_POSITIONS + b'{"pos":1}]', "a list of 65 positions"),
        (b"12.3", "12.3; expected"),
        (b"[[]]", "a list of 0; expected"),
        (b"{}", "nothing that says where playback stands"),
        (b'{"sent": 1}', "nothing that says where playback stands"),
        (b'{"position": 12}', "unknown key 'position' (did you mean 'pos'?)"),
        (b'{"pos": 1, "x\\u001b[2J": 2}', "unknown key 'x\ufffd[2J' (known keys: pos, playing, rate, sent,"),
        (b'{"pos": "12"}', 'pos: expected a number of seconds, got text "12"'),
        (b'{"pos": true}', "pos: expected a number of seconds, got true"),
        (b'{"pos": NaN}', "pos: expected a number of seconds from 0 to 86400, got NaN"),
        (b'{"pos": -0.5}', "pos: expected a number of seconds from 0 to 86400, got -0.5"),
        (b'{"pos": 187000}', "are these milliseconds? divide by 1000"),
        (b'{"pos": 1e999}', "from 0 to 86400, got Infinity"),
        (b'{"rate": 17}', "rate: expected a number from -16 to 16, got 17"),
        (b'{"playing": 1}', "playing: expected true or false, got 1"),
        (b'{"pos": 1, "sent": "now"}', "sent: expected a number of seconds of the sender's own clock"),
        (b'{"pos": 1, "sent": 1e300}', "sent: expected a number of seconds of the sender's own clock from -1e+12"),
        (b'{"track": 7}', "7; track: expected its name, or"),
        (b'{"track": {"name": "x"}}', "unknown key 'name' (known keys: id, file, title, artist, duration)"),
        (b'{"track": {"id": 7}}', "id: expected text, got 7"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_remedy(body: bytes, says: str) -> None:
    """F7"""
    message = refusal(body)
    assert says in message
    assert "\n" not in message
    assert len(message) < 250


@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    """F7"""
    for body in (json.dumps(value), json.dumps({"pos": value}), json.dumps({"track": value, "sent": value})):
        try:
            pushed = read_push(body.encode())
        except Refusal as refused:
            message = str(refused)
        else:
            message = ""
            assert all(one.position is None or 0 <= one.position <= 86_400 * 10**9 for one in pushed)
        assert "\n" not in message


def test_names_are_cut_and_cleaned() -> None:
    (pushed,) = read_push(json.dumps({"track": "a\n" * 500, "sender": "s" * 500}).encode())
    assert pushed.track is not None
    assert pushed.track.title == "a\ufffd" * 128
    assert pushed.sender == "s" * 64
