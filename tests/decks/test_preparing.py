"""A show, prepared: the right track, the grid that was asked for, problems with their places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.config.read import read_config
from beatsync.core.engine import MAIN_DECK
from beatsync.core.notes import Note
from beatsync.core.schedule import Cue
from beatsync.decks.preparing import Preparation, at_once
from beatsync.decks.show import Show, prepare_show
from beatsync.errors import ConfigError, SourceError, TrackError

DOCUMENT = {
    "asset_id": "1843209165",
    "duration": 30,
    "bpm": 120,
    "beat_grid": None,
    "sections": [{"start": 0, "end": 30, "label": "Intro", "energy": 2}],
    "phrases": [],
}


def cues_of(show: Show) -> list[Cue]:
    material, _ = show.loaded[MAIN_DECK]
    return list(material.schedule.cues)


async def prepared(folder: Path, track: str, rules: str = "", **fields: object) -> Show:
    """The show of a configuration in `folder`, whose track is there too."""
    (folder / "track.json").write_text(json.dumps({**DOCUMENT, **fields}))
    text = f"track: {track}\ntargets: {{lights: 'osc.udp://127.0.0.1:7700'}}\n{rules}"
    configuration = read_config(text.encode(), path=folder / "show.yaml")
    env = {"BEATSYNC_CACHE": str(folder / "cache")}
    return await prepare_show(configuration, Preparation(environment=env, clock=SystemClock(), aside=at_once))


async def test_a_track_without_a_grid_drives_sections_only_and_says_so_once(tmp_path: Path) -> None:
    """I8."""
    show = await prepared(tmp_path, "track.json")
    assert {cue.address for cue in cues_of(show)} == {"/section/Intro"}
    assert Note("beat_grid", "no beat grid: only sections can drive cues") in show.notes


async def test_a_grid_is_made_up_from_the_tempo_only_where_the_configuration_says_so(tmp_path: Path) -> None:
    show = await prepared(tmp_path, "{file: track.json, grid: from-bpm, first_downbeat: 250ms}")
    beats = [cue.position for cue in cues_of(show) if cue.address == "/beat"]
    assert beats[:3] == [250_000_000, 750_000_000, 1_250_000_000]
    assert [note.place for note in show.notes] == ["track.grid"]


async def test_a_grid_from_the_tempo_needs_a_tempo(tmp_path: Path) -> None:
    with pytest.raises(TrackError, match="none stated"):
        await prepared(tmp_path, "{file: track.json, grid: from-bpm, first_downbeat: 250ms}", bpm=None)


async def test_a_grid_of_the_tracks_own_is_preferred(tmp_path: Path) -> None:
    grid = {"times": [1, 2, 3, 4], "downbeats": [1]}
    track = "{file: track.json, grid: from-bpm, first_downbeat: 250ms}"
    show = await prepared(tmp_path, track, beat_grid=grid, bpm=60)
    assert [cue.position for cue in cues_of(show) if cue.address == "/beat"] == [10**9 * beat for beat in range(1, 5)]
    assert any("not needed" in note.message for note in show.notes)


@pytest.mark.parametrize("expect", ['{asset_id: "7"}', "{duration: 40s}"])
async def test_another_track_than_expected_is_refused_unless_forced(expect: str, tmp_path: Path) -> None:
    """I15."""
    with pytest.raises(TrackError, match=r"expected .*force: true"):
        await prepared(tmp_path, f"{{file: track.json, expect: {expect}}}")
    show = await prepared(tmp_path, f"{{file: track.json, expect: {expect}, force: true}}")
    assert any("played all the same" in note.message for note in show.notes)
    await prepared(tmp_path, '{file: track.json, expect: {asset_id: "1843209165", duration: 31s}}')


async def test_a_rule_that_cannot_be_compiled_is_named_with_its_place_in_the_file(tmp_path: Path) -> None:
    rules = "rules:\n  - {on: section, send: {address: /x, args: ['1 / (energy - 2)']}}\n"
    with pytest.raises(ConfigError) as caught:
        await prepared(tmp_path, "track.json", rules)
    assert str(caught.value).startswith(f"{tmp_path}/show.yaml:4:25: rules[0].send: '1 / (energy - 2)' divides by zero")


async def test_an_asset_that_is_nowhere_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="AUDIOSCAPE_API_KEY"):
        await prepared(tmp_path, '{audioscape: "1843209165"}')
