"""What the log says of a deck when everything is ready."""

from __future__ import annotations

import pytest
from trio.testing import MockClock

from beatsync.clock import VIRTUAL_WALL_AT_ZERO, TrioClock
from beatsync.commands.arming import joining_of
from beatsync.config.configuration import FromBundle, TrackChoice
from beatsync.config.starts import StartAt
from beatsync.core.units import WallNs, ms
from beatsync.decks.material import Material
from tests.core.shows import schedule, song

SONG = song("Intro 2", "Drop 2")
MATERIAL = Material(
    choice=TrackChoice(origin=FromBundle()),
    track=SONG,
    schedule=schedule(SONG, "  - {on: downbeat, send: {address: /hit}}\n"),
    preview=None,
    notes=(),
)


@pytest.mark.parametrize(
    ("seconds", "text", "record"),
    [
        (-1, "", {}),
        (0, "", {}),
        (
            5,
            "; it started 0:05.000 ago: playback joins there, 3 of its cues lie before",
            {"joins_at": 5.0, "lying_before": 3},
        ),
        (8, "; it started 0:08.000 ago: it is over", {"over": True}),
    ],
)
async def test_where_playback_joins_is_said_and_what_lies_before(
    seconds: int, text: str, record: dict[str, object], mock_clock: MockClock
) -> None:
    start = StartAt(WallNs(VIRTUAL_WALL_AT_ZERO - ms(seconds * 1000)))
    assert joining_of(start, MATERIAL, TrioClock()) == (text, record)
