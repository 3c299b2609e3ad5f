"""What `run` does so that a show lasts: its files are looked at before they are read, and what was kept is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import trio

from beatsync.clock import boot_id, is_synchronised
from beatsync.commands.running_log import Log
from beatsync.config.configuration import Configuration
from beatsync.config.read import read_config_file
from beatsync.daemon import Edits, Keeping
from beatsync.decks.placing import Standing
from beatsync.decks.preparing import Preparation
from beatsync.errors import ConfigError, is_refusal
from beatsync.folders import state_folder
from beatsync.reloading.files import files_of, look_at, signatures_of
from beatsync.state.database import Database
from beatsync.state.kept import Instant
from beatsync.state.opening import OpenedState, end_state, open_state
from beatsync.state.recollecting import ShowMemory
from beatsync.state.remembering import Remembering


class ShowFiles:
    """A show's configuration, read, and its files as they were then."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        """Reads the configuration, good or bad."""
        self.path = path
        self.configuration: Configuration | None = None
        """None where the file is not good."""
        self._environment = environment
        self._seen = signatures_of([path.absolute()])
        try:
            self.configuration = read_config_file(path)
        except ConfigError as error:
            self._error = error
        else:
            self._look_at_those_of(self.configuration)

    def good(self) -> Configuration:
        """The configuration. Raises ConfigError where the file is not good."""
        if self.configuration is None:
            raise self._error
        return self.configuration

    def stand_in(self, configuration: Configuration) -> None:
        """Another one is played in place of what the files say."""
        self.configuration = configuration
        self._look_at_those_of(configuration)

    def _look_at_those_of(self, configuration: Configuration) -> None:
        """What has been looked at before it was read stays as it was then: an edit since is noticed."""
        now = signatures_of(files_of(configuration, self._environment))
        self._seen = {path: self._seen.get(path, signature) for path, signature in now.items()}

    def edits(self, preparation: Preparation) -> Edits:
        """How they are read again."""

        async def read() -> Configuration:
            configuration = await trio.to_thread.run_sync(read_config_file, self.path)
            return await preparation.with_playlists(configuration)

        return Edits(read=read, look=partial(look_at, environment=self._environment), seen=self._seen)


@contextmanager
def opened_state(files: ShowFiles, log: Log, environment: Mapping[str, str], *, fresh: bool) -> Iterator[OpenedState]:
    """What was kept of a show; what should be known of that is said.

    A daemon that leaves in good order, also since it was refused something, has not crashed, and that is noted.
    """
    now = Instant(log.clock.now(), log.clock.wall(), boot_id())
    database = Database(state_folder(environment), str(files.path.absolute()))
    state = open_state(database, files.configuration, now, fresh=fresh)
    for note in state.notes:
        log.say(note, {"event": "state", "message": note}, grave=True)
    try:
        yield state
    except BaseException as error:
        if is_refusal(error):
            end_state(state.database)
        raise
    end_state(state.database)


def standings_of(state: OpenedState) -> Mapping[str, Standing]:
    """Where the decks stood."""
    memory = state.recollection
    return {name: its.standing for name, its in memory.decks.items()} if isinstance(memory, ShowMemory) else {}


def keeping_of(state: OpenedState, log: Log, *, fresh: bool) -> Keeping:
    """What is gone on with, and what keeps the show from now on."""
    remembering = Remembering(
        state.database,
        clock=log.clock,
        boot=boot_id(),
        tell=log.news,
        aside=partial(trio.to_thread.run_sync, abandon_on_cancel=True),
    )
    return Keeping(
        recollection=state.recollection, remembering=remembering, clock_is_right=is_synchronised(), fresh=fresh
    )
