"""Which show `run` plays: that of its files; that of the last good ones where they were broken and the show goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.commands.keeping import ShowFiles
from beatsync.commands.last_good import show_to_play
from beatsync.commands.running_log import Log, open_log
from beatsync.config.configuration import Configuration
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, WallNs
from beatsync.decks.material import name_of
from beatsync.decks.preparing import Preparation, at_once
from beatsync.decks.show import Show
from beatsync.errors import BeatsyncError, ConfigError, SourceError, TrackError
from beatsync.reloading.files import files_of, signatures_of
from beatsync.reloading.in_force import texts_in_force
from beatsync.state.database import Database
from beatsync.state.kept import Instant, KeptDeck, KeptSettings, KeptShow, clock_mark, kept_track
from beatsync.state.opening import OpenedState, open_state
from beatsync.state.recollecting import Nothing, ShowMemory
from beatsync.state.texts import MOST_BYTES
from beatsync.terminal.cue_log import LogFormat
from tests.state.test_database import altered
from tests.system.shows import short_document

THEN = Instant(HostNs(100 * NS_PER_SECOND), WallNs(1_700_000_000 * NS_PER_SECOND), "one")
LINE = Transport(HostNs(90 * NS_PER_SECOND), TrackNs(0))
GOOD = """setlist: {file: list.yaml}
clock: {start: armed}
targets: {lights: 'osc.udp://127.0.0.1:7700'}
"""


class Death:
    """A show that was playing when its daemon died, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "show.yaml"
        self.config.write_text(GOOD)
        (folder / "list.yaml").write_text("[a.json, b.json]")
        for name in ("a.json", "b.json"):
            (folder / name).write_text(short_document(seconds=60.0))
        self.environment = {"BEATSYNC_CACHE": str(folder / "cache")}
        self.said = io.StringIO()
        self._keep(ShowFiles(self.config, self.environment).good())

    def _keep(self, configuration: Configuration) -> None:
        deck = configuration.decks["main"]
        seen = signatures_of(files_of(configuration, self.environment))
        texts = texts_in_force(configuration, seen, most=MOST_BYTES)
        assert texts is not None
        its = KeptDeck(
            track=kept_track(configuration.tracks[1]),
            place=1,
            gap=0,
            clock=clock_mark(deck.clock),
            transport=LINE,
            rate=LINE.rate,
            stopped=False,
            pass_number=0,
        )
        self.show = KeptShow("main", {"main": its}, KeptSettings({}, (), (), panicked=False, locked=False))
        with_database = self.database()
        with_database.open()
        with_database.write(THEN, self.show)
        with_database.write_texts(THEN, texts)
        with_database.close()

    def database(self, config: Path | None = None) -> Database:
        return Database(self.folder / "state", str(config or self.config))

    def end(self, show: KeptShow, *, over: bool = False) -> None:
        """It stood otherwise when it was last looked at."""
        database = self.database()
        database.open()
        database.write(THEN, show, over=over)
        database.close()

    def run(
        self, *, seconds: int = 5, fresh: bool = False, config: Path | None = None, crashes: int = 0
    ) -> tuple[Show, OpenedState, ShowFiles]:
        """A daemon so much later, which is `armed` with these."""
        files = ShowFiles(config or self.config, self.environment)
        now = Instant(HostNs(THEN.host + seconds * NS_PER_SECOND), WallNs(THEN.wall + seconds * NS_PER_SECOND), "one")
        database = self.database(config)
        for _ in range(crashes):
            open_state(database, None, now, fresh=False)
        state = open_state(database, files.configuration, now, fresh=fresh)
        preparation = Preparation(environment=self.environment, clock=SystemClock(), network=False, aside=at_once)
        with open_log(self.said, LogFormat.TEXT, SystemClock(), stamped=False) as writer:
            show, state = show_to_play(files, state, preparation, Log(writer, SystemClock()))
        database.close()
        return show, state, files


@pytest.fixture
def death(tmp_path: Path) -> Death:
    return Death(tmp_path)


def test_good_files_are_what_is_played(death: Death) -> None:
    death.config.write_text(GOOD + "rules: [{on: beat, send: {address: /x}}]\n")
    show, _, _ = death.run()
    assert show.configuration.stand_in is None
    assert len(show.configuration.decks["main"].rules) == 1


Break = Callable[[Death], object]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (lambda it: it.config.write_text(GOOD + "rules: [{on: baet}]\n"), "show.yaml:4:"),
        (lambda it: it.config.write_text(GOOD[:20]), "show.yaml:1:"),
        (lambda it: it.config.unlink(), "no such file"),
        (lambda it: (it.config.unlink(), it.config.mkdir()), "is a directory"),
        (lambda it: it.config.write_text(GOOD.replace("list.yaml", "lsit.yaml")), "lsit.yaml: no such file"),
        (lambda it: (it.folder / "list.yaml").write_text("[a.json, b.json"), "list.yaml:1:1: "),
        (lambda it: (it.folder / "list.yaml").write_text("[x.json]"), "x.json: no such file"),
    ],
    ids=["a rule", "cut off", "deleted", "a folder", "another set list", "the set list", "its tracks"],
)
def test_where_a_file_was_broken_the_show_goes_on_as_it_was(death: Death, broken: Break, problem: str) -> None:
    """C11, L1, L3."""
    broken(death)
    show, state, files = death.run()
    stand_in = show.configuration.stand_in
    assert stand_in is not None
    assert problem in stand_in.problems[0]
    assert stand_in.since == THEN.wall
    assert isinstance(state.recollection, ShowMemory)
    material, place = show.loaded["main"]
    assert (material.name, place) == (name_of(show.configuration.tracks[1]), 1)
    edits = files.edits(Preparation(environment={}, clock=SystemClock()))
    assert set(edits.seen) == files_of(show.configuration, death.environment)
    assert edits.seen[death.config] == signatures_of([death.config])[death.config]


@pytest.mark.parametrize("name", ["a.json", "b.json"])
def test_so_it_does_where_every_track_document_was_broken(death: Death, name: str) -> None:
    """L1: the documents as they were are played until the files are mended."""
    for track in ("a.json", "b.json"):
        (death.folder / track).write_text("{" if track == name else "")
    show, _, _ = death.run()
    assert show.loaded["main"][0].name.endswith("b.json")
    assert show.configuration.stand_in is not None


def refused(death: Death, error: type[BeatsyncError] = ConfigError, **how: object) -> str:
    with pytest.raises(error) as caught:
        death.run(**how)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_broken_file_is_refused_where_the_show_begins(death: Death) -> None:
    """Afresh, after its end, after a stop, long after it was seen, or for the first time."""
    death.config.write_text("[")
    assert "show.yaml:1:1" in refused(death, fresh=True)
    assert "show.yaml:1:1" in refused(death, seconds=301)
    death.end(death.show, over=True)
    assert "show.yaml:1:1" in refused(death)
    stopped = {name: replace_deck(deck, transport=None) for name, deck in death.show.decks.items()}
    death.end(KeptShow("main", stopped, death.show.settings))
    assert "show.yaml:1:1" in refused(death)
    other = death.folder / "other.yaml"
    other.write_text("[")
    assert "other.yaml:1:1" in refused(death, config=other)
    assert death.said.getvalue() == ""


def replace_deck(deck: KeptDeck, *, transport: Transport | None) -> KeptDeck:
    return KeptDeck(deck.track, deck.place, deck.gap, deck.clock, transport, deck.rate, deck.stopped, deck.pass_number)


def test_what_this_version_does_not_read_any_more_is_said_and_the_file_refused(death: Death) -> None:
    """L9."""
    database = death.database()
    database.open()
    database.write_texts(THEN, {str(death.config): b"tracks: {}\n"})
    database.close()
    death.config.write_text("[")
    assert "show.yaml:1:1: the [" in refused(death)
    assert "what was in force before cannot be used either: " in death.said.getvalue()


def test_where_nothing_was_edited_going_back_is_of_no_use(death: Death) -> None:
    """What cannot be had now could not be had with the files as they were either."""
    death.config.write_text(GOOD.replace("setlist: {file: list.yaml}", "track: {audioscape: '12'}"))
    database = death.database()
    database.open()
    database.write_texts(THEN, {str(death.config): death.config.read_bytes()})
    database.close()
    refused(death, SourceError)
    assert death.said.getvalue() == ""


def test_a_database_that_is_damaged_is_as_none(death: Death) -> None:
    """L9, L12."""
    (death.folder / "state" / "state.sqlite").write_bytes(b"nonsense" * 1000)
    death.config.write_text("[")
    assert "show.yaml:1:1" in refused(death)


def test_texts_that_the_disk_does_not_give_back_are_said_and_the_file_refused(death: Death) -> None:
    """L9."""
    altered(death.folder / "state", "ALTER TABLE texts DROP COLUMN wall")
    death.config.write_text("[")
    assert "show.yaml:1:1" in refused(death)
    assert "what was in force before cannot be used either: no such column: wall" in death.said.getvalue()


def test_in_safe_mode_the_last_good_configuration_is_armed_and_nothing_is_gone_on_with(death: Death) -> None:
    """L4."""
    death.config.write_text("[")
    show, state, _ = death.run(crashes=3)
    assert state.safe_mode
    assert show.configuration.stand_in is not None
    assert state.recollection == Nothing()


def test_a_track_that_is_missing_without_having_been_kept_is_refused(death: Death) -> None:
    database = death.database()
    database.open()
    database.write_texts(THEN, {str(death.config): GOOD.encode(), str(death.folder / "list.yaml"): b"[a.json]"})
    database.close()
    death.config.write_text("[")
    (death.folder / "a.json").write_text("{")
    (death.folder / "b.json").write_text("{")
    assert "show.yaml:1:1" in refused(death)
    assert "cannot be used either: " in death.said.getvalue()
    death.config.write_text(GOOD)
    refused(death, TrackError)
