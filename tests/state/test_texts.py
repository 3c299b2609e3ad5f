"""The texts of the files in force: kept as they were read, bounded, never those of a later edit."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from beatsync.config.configuration import Configuration
from beatsync.config.read import read_config_file
from beatsync.core.units import WallNs
from beatsync.reloading.files import Signatures, files_of, signatures_of
from beatsync.reloading.in_force import texts_in_force
from beatsync.state.database import FILE, MOST_SHOWS_TEXTS, VERSION, Database
from beatsync.state.texts import MOST_BYTES, KeptTexts
from tests.state.test_database import altered, instant, opened, show

TEXT = """setlist: {file: list.yaml}
clock: {start: now}
targets: {lights: 'osc.udp://10.0.0.1:7700'}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A show of three files."""
    (tmp_path / "list.yaml").write_text("[a.json, b.json, gone.json]")
    (tmp_path / "a.json").write_text("a" * 100)
    (tmp_path / "b.json").write_text("b" * 200)
    path = tmp_path / "show.yaml"
    path.write_text(TEXT)
    return path


def seen(configuration: Configuration) -> Signatures:
    return signatures_of(files_of(configuration, {"BEATSYNC_CACHE": "/nowhere"}))


def names(texts: object) -> list[str]:
    assert isinstance(texts, dict)
    return [Path(path).name for path in texts]


def test_what_is_in_force_is_the_configuration_with_its_set_list_and_its_tracks(config: Path) -> None:
    configuration = read_config_file(config)
    texts = texts_in_force(configuration, seen(configuration), most=MOST_BYTES)
    assert names(texts) == ["show.yaml", "list.yaml", "a.json", "b.json"]
    assert texts is not None
    assert texts[str(config)] == TEXT.encode()


@pytest.mark.parametrize("name", ["show.yaml", "list.yaml", "a.json"])
def test_an_edit_that_has_not_been_read_is_not_what_is_in_force(config: Path, name: str) -> None:
    """C11."""
    configuration = read_config_file(config)
    before = seen(configuration)
    config.with_name(name).write_text("[")
    assert texts_in_force(configuration, before, most=MOST_BYTES) is None


def test_tracks_that_do_not_fit_are_left_out_and_without_its_configuration_nothing_is_kept(config: Path) -> None:
    configuration = read_config_file(config)
    whole = len(TEXT) + len("[a.json, b.json, gone.json]")
    before = seen(configuration)
    assert names(texts_in_force(configuration, before, most=whole + 250)) == ["show.yaml", "list.yaml", "a.json"]
    assert names(texts_in_force(configuration, before, most=whole)) == ["show.yaml", "list.yaml"]
    assert texts_in_force(configuration, before, most=whole - 1) is None


# The database


def test_texts_are_read_again_with_the_time_at_which_they_came_into_force(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        assert database.texts() is None
        database.write_texts(instant(5), {"/shows/show.yaml": b"track: \xff"})
        database.write_texts(instant(9), {"/shows/show.yaml": b"track: \xff"})
    with opened(tmp_path) as database, opened(tmp_path, "other.yaml") as other:
        kept = database.texts()
        assert kept == KeptTexts(instant(5).wall, {"/shows/show.yaml": b"track: \xff"})
        assert kept.of(Path("/shows/show.yaml")) == b"track: \xff"
        assert kept.of(Path("/shows/other.yaml")) is None
        assert other.texts() is None


def test_the_texts_of_a_few_shows_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_SHOWS_TEXTS + 3):
        with opened(tmp_path, f"{number}.yaml") as database:
            database.write_texts(instant(number), {"a": bytes(MOST_BYTES - number)})
    with opened(tmp_path, "2.yaml") as gone, opened(tmp_path, "3.yaml") as there:
        assert gone.texts() is None
        assert there.texts() is not None
    assert (tmp_path / FILE).stat().st_size < 8 * 1024 * 1024


def test_texts_in_a_form_that_nobody_knows_are_as_none(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        database.write_texts(instant(1), {"a": b"b"})
    altered(tmp_path, "UPDATE texts SET texts = 'nonsense'")
    with opened(tmp_path) as database:
        assert database.texts() is None


def test_a_database_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    """L9."""
    with opened(tmp_path) as database:
        database.write(instant(1), show(1.0))
    altered(tmp_path, "DROP TABLE texts; PRAGMA user_version = 1")
    database = Database(tmp_path, "show.yaml")
    assert database.open() == ""
    assert database.kept() is not None
    database.write_texts(instant(2), {"a": b"b"})
    assert database.texts() == KeptTexts(WallNs(instant(2).wall), {"a": b"b"})
    database.close()
    with sqlite3.connect(tmp_path / FILE) as sql:
        assert sql.execute("PRAGMA user_version").fetchone() == (VERSION,)
    sql.close()
