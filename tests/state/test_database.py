"""The database: whatever the disk does to it, a daemon starts; what it holds is the show as it was last written."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from beatsync.core.leads import Lead
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, WallNs, ms
from beatsync.state.database import (
    APPLICATION,
    FILE,
    MOST_DECISIONS,
    MOST_SHOWS,
    MOST_STARTS,
    VERSION,
    Database,
    Decision,
    reason_for,
)
from beatsync.state.kept import Instant, Kept, KeptAsset, KeptDeck, KeptSettings, KeptShow, KeptTrack
from beatsync.state.opening import open_state
from tests.needs import needs

BOOT = "3e0b5bbd"


def instant(second: int) -> Instant:
    return Instant(HostNs(second * 10**9), WallNs((1_700_000_000 + second) * 10**9), BOOT)


def show(position: float = 0.0) -> KeptShow:
    """A show that plays its third track."""
    line = Transport(HostNs(10**9), TrackNs(ms(1000 * position)))
    deck = KeptDeck(
        track=KeptTrack(KeptAsset("1843209165"), Lead(ms(5))),
        place=2,
        gap=0,
        clock="c",
        transport=line,
        rate=line.rate,
        stopped=False,
        pass_number=3,
    )
    settings = KeptSettings(leads={"lights": Lead(ms(40))}, muted=("a",), soloed=(), panicked=False, locked=True)
    return KeptShow(on_air="b", decks={"b": deck}, settings=settings)


def decision(number: int) -> Decision:
    return Decision(WallNs(number), "a", 1, f"/beat {number}", "sent", "rules[0]")


@contextmanager
def opened(folder: Path, name: str = "show.yaml") -> Iterator[Database]:
    database = Database(folder, name)
    database.open()
    yield database
    database.close()


def altered(folder: Path, script: str) -> None:
    """Somebody else has done this to the file."""
    with sqlite3.connect(folder / FILE) as sql:
        sql.executescript(script)
    sql.close()


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        assert database.kept() is None
        database.write(instant(1), show(1.5), [decision(1), decision(2)])
    with opened(tmp_path) as database:
        assert database.kept() == Kept(show(1.5), instant(1), over=False)
        database.write(instant(9), None, [decision(3)], over=True)
        assert database.kept() == Kept(show(1.5), instant(9), over=True)
        assert [one.what for one in database.decisions(2)] == ["/beat 2", "/beat 3"]


def test_each_show_has_its_own_part(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path, "other.yaml") as other:
        one.write(instant(1), show(1))
        other.write(instant(2), show(2))
        assert one.kept() == Kept(show(1), instant(1), over=False)
        assert other.decisions(9) == []


def test_it_is_nobodys_business(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as database:
        database.write(instant(1), show())
        modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_it_does_not_grow(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        for round_number in range(4):
            first = round_number * MOST_DECISIONS
            database.write(instant(round_number), show(), map(decision, range(first, first + MOST_DECISIONS)))
        assert len(database.decisions(10 * MOST_DECISIONS)) == MOST_DECISIONS
        for number in range(MOST_STARTS + 20):
            database.begin(instant(number))
        database.write(instant(100), None)
        assert len(database.begin(instant(200))) <= MOST_STARTS
    for number in range(MOST_SHOWS + 5):
        with opened(tmp_path, f"{number}.yaml") as database:
            database.write(instant(1000 + number), show())
    with opened(tmp_path) as database:
        assert database.kept() is None
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 4 * 1024 * 1024


# Damage


def write_something(folder: Path) -> None:
    database = Database(folder, "show.yaml")
    database.open()
    database.write(instant(1), show(1), [decision(1)])
    database.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one" * 40, b"SQLite format 3\0" * 99]
)
def test_what_is_no_database_is_moved_aside_and_said(content: bytes, tmp_path: Path) -> None:
    """L9, L12."""
    (tmp_path / FILE).write_bytes(content)
    database = Database(tmp_path, "show.yaml")
    note = database.open()
    assert str(tmp_path / "state.bad") in note
    assert (tmp_path / "state.bad").read_bytes() == content
    database.write(instant(1), show())
    assert database.kept() is not None
    database.close()


@pytest.mark.parametrize(
    ("pragma", "reason"),
    [
        (f"user_version = {VERSION + 1}", f"is of version {VERSION + 1}"),
        ("application_id = 7", "no database of beatsync"),
    ],
)
def test_a_later_version_or_anothers_file_is_kept_aside_for_people_and_not_read(
    pragma: str, reason: str, tmp_path: Path
) -> None:
    """L9."""
    write_something(tmp_path)
    altered(tmp_path, f"PRAGMA {pragma}")
    database = Database(tmp_path, "show.yaml")
    assert reason in database.open()
    assert database.kept() is None
    database.close()
    with sqlite3.connect(tmp_path / "state.bad") as sql:
        assert sql.execute("SELECT count(*) FROM shows").fetchone() == (1,)
    sql.close()


def test_an_empty_file_is_begun(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    database = Database(tmp_path, "show.yaml")
    assert database.open() == ""
    database.close()
    with sqlite3.connect(tmp_path / FILE) as sql:
        assert sql.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    sql.close()


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_power_cut_leaves_what_was_or_nothing_and_never_stops_a_start(suffix: str, tmp_path: Path) -> None:
    """L12: the file, or what is appended to it, is cut off at any place, as a disk that lost power leaves it."""
    database = Database(tmp_path / "whole", "show.yaml")
    database.open()
    for number in range(1, 6):
        database.write(instant(number), show(number), [decision(number)])
    if suffix != "-wal":
        database.close()  # everything goes into the file itself
    files = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir() if not path.name.endswith("-shm")}
    database.close()
    name = FILE + suffix
    assert len(files[name]) > 4096
    seen = set()
    for length in [*range(0, 120, 7), *range(0, len(files[name]), 509), len(files[name])]:
        folder = tmp_path / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for other, content in files.items():
            (folder / other).write_bytes(content[:length] if other == name else content)
        database = Database(folder, "show.yaml")
        database.open()
        kept = database.kept()
        seen.add(kept.alive if kept else None)
        database.write(instant(9), show(9))
        assert database.kept() == Kept(show(9), instant(9), over=False)
        database.close()
    assert instant(5) in seen
    assert len(seen) > 1


def test_what_is_kept_in_a_form_that_nobody_knows_is_as_nothing(tmp_path: Path) -> None:
    write_something(tmp_path)
    altered(tmp_path, "UPDATE shows SET kept = '{\"on_air\": 7}'")
    with opened(tmp_path) as database:
        assert database.kept() is None


# Disks


def test_a_folder_that_cannot_be_made_or_written_to_is_an_error_that_says_so(tmp_path: Path) -> None:
    """H9."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"exists|directory"):
        Database(tmp_path / "file", "show.yaml").open()


def test_what_hinders_is_said_in_words_without_a_number(tmp_path: Path) -> None:
    """H9."""
    (tmp_path / "file").touch()
    state = open_state(Database(tmp_path / "file", "show.yaml"), None, instant(1), fresh=False)
    (note,) = state.notes
    assert note.startswith(f"the state in {tmp_path / 'file'} cannot be used: {tmp_path / 'file'}: file exists; ")
    assert reason_for(sqlite3.OperationalError("database or disk is full")) == "database or disk is full"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    mount = needs("mount", "mount", root=True)
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # lazily: a test that has failed leaves it open


def test_a_full_disk_is_an_error_and_what_was_kept_stays(small_disk: Path) -> None:
    """H8."""
    with opened(small_disk) as database:
        database.write(instant(1), show(1))
        with pytest.raises(sqlite3.OperationalError, match="full"):
            database.write(instant(2), show(2), map(decision, range(4000)))
        assert database.kept() == Kept(show(1), instant(1), over=False)
        database.write(instant(3), None)


# Starts


def test_starts_that_came_to_no_end_are_counted_back_to_the_last_that_did(tmp_path: Path) -> None:
    for number, ends in enumerate([False, True, False, False]):
        with opened(tmp_path) as database:
            database.begin(instant(number))
            if ends:
                database.end()
    with opened(tmp_path) as database:
        assert database.begin(instant(9)) == [instant(3), instant(2)]


def test_a_write_that_nobody_waits_for_any_more_is_finished_before_the_last_word(tmp_path: Path) -> None:
    """When a show ends its last write may still be under way in its thread."""
    begun, go_on = Event(), Event()

    def slowly() -> Iterator[Decision]:
        yield decision(1)
        begun.set()
        go_on.wait()
        yield decision(2)

    with opened(tmp_path) as database:
        database.begin(instant(0))
        abandoned = Thread(target=lambda: database.write(instant(1), show(1.0), slowly()))
        last_word = Thread(target=lambda: database.write(instant(2), None, [decision(3)], over=True))
        abandoned.start()
        begun.wait()
        last_word.start()
        go_on.set()
        database.end()
        abandoned.join()
        last_word.join()
        assert database.kept() == Kept(show(1.0), instant(2), over=True)
        assert database.decisions(3) == [decision(1), decision(2), decision(3)]
        assert database.begin(instant(3)) == []
