"""Which track a player means."""

from __future__ import annotations

import pytest

from beatsync.core.observation import TrackHint
from beatsync.core.track_names import KnownTrack, PlayedAs, asset_id_in, entry_hint_id, meant_by
from beatsync.core.units import DurationNs, ms

OPENER = KnownTrack(asset_id="1843209165", duration=ms(180_000))
ANTHEM = KnownTrack(file="/shows/tracks/Anthem.json", duration=ms(240_000))
ENCORE = KnownTrack(played_as=PlayedAs(title="encore*", file="*.flac"))
SET = (OPENER, ANTHEM, ENCORE)


@pytest.mark.parametrize(
    ("hint", "place"),
    [
        (TrackHint(id="1843209165"), 0),
        (TrackHint(file="/music/The Opener [1843209165].ogg"), 0),
        (TrackHint(file="/music/1843209165.mp3"), 0),
        (TrackHint(file="/music/anthem.flac"), 1),
        (TrackHint(file="/music/07.flac", title="Encore (live)"), 2),
        (TrackHint(id=entry_hint_id(1)), 1),
        (TrackHint(file="/music/07.mp3", title="Encore (live)"), None),
        (TrackHint(title="Encore (live)"), None),
        (TrackHint(file="/music/99.flac"), None),
        (TrackHint(), None),
    ],
)
def test_a_track_is_known_by_what_the_configuration_says_its_asset_or_its_file(
    hint: TrackHint, place: int | None
) -> None:
    assert meant_by(hint, SET) == place


@pytest.mark.parametrize(("seconds", "place"), [(240.0, 1), (241.9, 1), (243.0, None), (30.0, None)])
def test_another_cut_of_a_track_is_another_track(seconds: float, place: int | None) -> None:
    """I15."""
    hint = TrackHint(file="anthem.mp3", duration=DurationNs(round(seconds * 10**9)))
    assert meant_by(hint, SET) == place


def test_of_several_that_are_played_as_the_same_the_length_decides() -> None:
    names = PlayedAs(title="Anthem")
    cuts = [KnownTrack(played_as=names, duration=ms(1000 * seconds)) for seconds in (180, 240)]
    assert meant_by(TrackHint(title="anthem", duration=ms(240_500)), cuts) == 1


@pytest.mark.parametrize(
    ("hint", "asset"),
    [
        (TrackHint(file="song [1843209165].ogg"), "1843209165"),
        (TrackHint(file="1843209165"), "1843209165"),
        (TrackHint(id="1843209165", file="7.mp3"), "1843209165"),
        (TrackHint(file="song 1843209165.ogg"), None),
        (TrackHint(file="01.flac"), None),
        (TrackHint(file="[123456] [654321].flac"), None),
        (TrackHint(id="x" * 1000), None),
    ],
)
def test_an_asset_id_is_read_where_it_stands_alone_or_in_brackets(hint: TrackHint, asset: str | None) -> None:
    assert asset_id_in(hint) == asset


def test_brackets_in_a_pattern_are_brackets() -> None:
    assert PlayedAs(file="[a] *").fits(TrackHint(file="/m/[A] song.flac"))
    assert not PlayedAs(file="[ab]*").fits(TrackHint(file="/m/a song.flac"))
