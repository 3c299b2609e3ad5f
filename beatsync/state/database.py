"""The database in which a daemon keeps its show: one file of SQLite's, bounded and versioned.

Every method blocks on the disk, and raises sqlite3.Error or OSError where that will not have it. A file that is
damaged, or of a later version, is moved aside for people to look at; an earlier version is brought up to date.

One thread at a time: a write that nobody waits for any more, since the show has ended, may still be under way.

WAL, so that a write is an append. What has changed is forced onto the disk; that the daemon is still alive is not:
should the power fail, the last seconds of that may be lost, and the gap looks longer than it was.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from beatsync.core.units import HostNs, WallNs
from beatsync.regular_files import reason_of
from beatsync.state.kept import Instant, Kept, KeptShow, read, written
from beatsync.state.texts import KeptTexts, Texts
from beatsync.state.texts import read as read_texts
from beatsync.state.texts import written as written_texts

FILE: Final = "state.sqlite"
VERSION: Final = 2
APPLICATION: Final = 0x62656174
"""`beat`: what tells the file from other databases."""

MOST_SHOWS: Final = 20
MOST_DECISIONS: Final = 5_000
MOST_STARTS: Final = 50
MOST_SHOWS_TEXTS: Final = 4
"""Of so many shows the files' texts are kept, at most 1 MiB each."""

MOST_PAGES: Final = 2048
"""8 MiB; a full file has some 1 MiB, and up to 4 MiB of texts, with one more while those are written anew."""

BUSY_SECONDS: Final = 1.0

_TABLES: Final = """
CREATE TABLE shows (
    show TEXT PRIMARY KEY, kept TEXT NOT NULL, host INTEGER NOT NULL, wall INTEGER NOT NULL, boot TEXT NOT NULL,
    over INTEGER NOT NULL
);
CREATE TABLE starts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, show TEXT NOT NULL, host INTEGER NOT NULL, wall INTEGER NOT NULL,
    boot TEXT NOT NULL, ended INTEGER NOT NULL
);
CREATE TABLE decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, show TEXT NOT NULL, wall INTEGER NOT NULL, deck TEXT NOT NULL,
    pass INTEGER NOT NULL, what TEXT NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL
);
"""

_TEXTS: Final = """
CREATE TABLE texts (show TEXT PRIMARY KEY, wall INTEGER NOT NULL, texts BLOB NOT NULL);
"""

MIGRATIONS: Final[dict[int, str]] = {0: _TABLES, 1: _TEXTS}
"""What makes the next version of each one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that was decided: of a cue its verdict, of a command what it was."""

    wall: WallNs
    deck: str
    pass_number: int
    what: str
    verdict: str
    why: str


class Unusable(Exception):
    """The file is no database that this version can use; the text says why."""


def reason_for(error: sqlite3.Error | OSError) -> str:
    """What hinders, for people: `/var/lib/beatsync: permission denied`."""
    if not isinstance(error, OSError):
        return str(error)
    return ": ".join(str(part) for part in (error.filename, reason_of(error)) if part)


class Database:
    """One show's part of the file."""

    def __init__(self, folder: Path, show: str) -> None:
        """`folder`: is made where it does not exist; `show`: what the show is called."""
        self.folder = folder
        self._path = folder / FILE
        self._show = show
        self._connection: sqlite3.Connection | None = None
        self._start: int | None = None
        self._lock = Lock()

    # Opening

    def open(self) -> str:
        """Open the file, or make it; returns what should be known of how that went, empty if nothing."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._connection = _opened(self._path)
        except (Unusable, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # the disk's fault, not the file's
            aside = _set_aside(self._path)
            self._connection = _opened(self._path)
            return f"{self._path}: {error}; moved to {aside}, and begun anew"
        return ""

    @property
    def is_open(self) -> bool:
        """Whether it can be written to."""
        return self._connection is not None

    def close(self) -> None:
        """Let go."""
        with suppress(sqlite3.Error), self._sql() as sql:
            self._connection = None
            sql.close()

    # The show

    def kept(self) -> Kept | None:
        """What is kept of the show; None where nothing is, or nothing that can be read."""
        with self._sql() as sql:
            row = sql.execute("SELECT kept, host, wall, boot, over FROM shows WHERE show = ?", (self._show,)).fetchone()
        if row is None:
            return None
        text, host, wall, boot, over = row
        show = read(text)
        return None if show is None else Kept(show, Instant(HostNs(host), WallNs(wall), boot), bool(over))

    def write(
        self, now: Instant, show: KeptShow | None, decisions: Iterable[Decision] = (), *, over: bool = False
    ) -> None:
        """The show stands like this (None: as it did), and its daemon lives. `over`: it has been ended on purpose."""
        alive = (now.host, now.wall, now.boot, over)
        with self._sql() as sql:
            sql.execute(f"PRAGMA synchronous = {'NORMAL' if show is None else 'FULL'}")
            with sql:
                if show is None:
                    sql.execute(
                        "UPDATE shows SET host = ?, wall = ?, boot = ?, over = ? WHERE show = ?", (*alive, self._show)
                    )
                else:
                    sql.execute(
                        "INSERT OR REPLACE INTO shows (show, kept, host, wall, boot, over) VALUES (?, ?, ?, ?, ?, ?)",
                        (self._show, written(show), *alive),
                    )
                sql.executemany(
                    "INSERT INTO decisions (show, wall, deck, pass, what, verdict, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        (self._show, one.wall, one.deck, one.pass_number, one.what, one.verdict, one.why)
                        for one in decisions
                    ),
                )
                _prune(sql)

    def decisions(self, count: int) -> list[Decision]:
        """The last so many of the show, in order."""
        with self._sql() as sql:
            rows = sql.execute(
                "SELECT wall, deck, pass, what, verdict, why FROM decisions WHERE show = ? "
                "ORDER BY number DESC LIMIT ?",
                (self._show, count),
            ).fetchall()
        return [Decision(WallNs(wall), *rest) for wall, *rest in rows][::-1]

    def texts(self) -> KeptTexts | None:
        """The texts of the files that were in force; None where there are none, or none that can be read."""
        with self._sql() as sql:
            row = sql.execute("SELECT wall, texts FROM texts WHERE show = ?", (self._show,)).fetchone()
        texts = None if row is None else read_texts(row[1])
        return None if texts is None else KeptTexts(WallNs(row[0]), texts)

    def write_texts(self, now: Instant, texts: Texts) -> None:
        """These are in force from now on; the same ones as before still are."""
        blob = written_texts(texts)
        with self._sql() as sql:
            sql.execute("PRAGMA synchronous = FULL")
            row = sql.execute("SELECT texts FROM texts WHERE show = ?", (self._show,)).fetchone()
            if row is not None and row[0] == blob:
                return
            with sql:
                sql.execute(
                    "INSERT OR REPLACE INTO texts (show, wall, texts) VALUES (?, ?, ?)", (self._show, now.wall, blob)
                )
                sql.execute(
                    "DELETE FROM texts WHERE show NOT IN (SELECT show FROM texts ORDER BY wall DESC LIMIT ?)",
                    (MOST_SHOWS_TEXTS,),
                )

    # Starts

    def begin(self, now: Instant) -> list[Instant]:
        """A daemon begins. Returns when those before it began that did not come to an end, the latest first."""
        with self._sql() as sql, sql:
            rows = sql.execute(
                "SELECT host, wall, boot, ended FROM starts WHERE show = ? ORDER BY number DESC LIMIT ?",
                (self._show, MOST_STARTS),
            ).fetchall()
            cursor = sql.execute(
                "INSERT INTO starts (show, host, wall, boot, ended) VALUES (?, ?, ?, ?, 0)",
                (self._show, now.host, now.wall, now.boot),
            )
        self._start = cursor.lastrowid
        crashes = []
        for host, wall, boot, ended in rows:
            if ended:
                break
            crashes.append(Instant(HostNs(host), WallNs(wall), boot))
        return crashes

    def end(self) -> None:
        """It comes to an end in good order."""
        with self._sql() as sql, sql:
            sql.execute("UPDATE starts SET ended = 1 WHERE number = ?", (self._start,))

    @contextmanager
    def _sql(self) -> Iterator[sqlite3.Connection]:
        """The connection, to oneself."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise sqlite3.OperationalError(f"another write has taken more than {BUSY_SECONDS:g} s")
        try:
            if self._connection is None:
                raise sqlite3.OperationalError("not open")
            yield self._connection
        finally:
            self._lock.release()


def _prune(sql: sqlite3.Connection) -> None:
    sql.execute("DELETE FROM decisions WHERE number <= (SELECT max(number) FROM decisions) - ?", (MOST_DECISIONS,))
    sql.execute("DELETE FROM starts WHERE number <= (SELECT max(number) FROM starts) - ?", (MOST_STARTS,))
    sql.execute(
        "DELETE FROM shows WHERE show NOT IN (SELECT show FROM shows ORDER BY wall DESC LIMIT ?)", (MOST_SHOWS,)
    )


def _opened(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.Error, OSError, or Unusable."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.close(descriptor)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(sql: sqlite3.Connection) -> None:
    (application,) = sql.execute("PRAGMA application_id").fetchone()
    (version,) = sql.execute("PRAGMA user_version").fetchone()
    (tables,) = sql.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, bool(tables)) not in {(APPLICATION, True), (0, False)}:
        raise Unusable("is no database of beatsync's")
    if version > VERSION:
        raise Unusable(f"is of version {version}, and this beatsync knows {VERSION}")
    sql.execute("PRAGMA journal_mode = WAL")
    sql.execute("PRAGMA wal_autocheckpoint = 256")
    sql.execute("PRAGMA journal_size_limit = 1048576")
    sql.execute(f"PRAGMA max_page_count = {MOST_PAGES}")
    for step in range(version, VERSION):
        sql.executescript(
            f"BEGIN;{MIGRATIONS[step]}PRAGMA application_id = {APPLICATION};PRAGMA user_version = {step + 1};COMMIT;"
        )
    (verdict,) = sql.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise Unusable(f"is damaged ({verdict})")


def _set_aside(path: Path) -> Path:
    """Move a file that cannot be used out of the way, with what belongs to it. Raises OSError."""
    aside = path.with_suffix(".bad")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
    return aside
