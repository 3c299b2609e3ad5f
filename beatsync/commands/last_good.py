"""What `run` plays: the show of its files; where a show goes on and they are not good any more, that of the last ones.

A show that begins, or begins afresh, has its files read or is refused.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial
from pathlib import Path

import trio

from beatsync.commands.keeping import ShowFiles, standings_of
from beatsync.commands.running_log import Log
from beatsync.config.configuration import Configuration, StandIn
from beatsync.config.read import bytes_of, read_config_file
from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.decks.preparing import Preparation
from beatsync.decks.show import Show, prepare_show
from beatsync.errors import is_refusal, leaves_of
from beatsync.regular_files import Contents, read_regular_file
from beatsync.state.database import reason_for
from beatsync.state.opening import OpenedState
from beatsync.state.recollecting import Nothing, ShowMemory, recollect, was_played
from beatsync.state.texts import KeptTexts


def show_to_play(files: ShowFiles, state: OpenedState, preparation: Preparation, log: Log) -> tuple[Show, OpenedState]:
    """The show, prepared, and the state that it goes on from. Raises ConfigError, TrackError or SourceError."""
    try:
        show = trio.run(prepare_show, files.good(), preparation, standings_of(state))
    except Exception as error:
        if not is_refusal(error):
            raise
        problems = tuple(line for leaf in leaves_of(error) for line in str(leaf).splitlines())
        found = _of_last_good(files, state, preparation, problems, log)
        if found is None:
            raise
        return found
    return show, state


def _of_last_good(
    files: ShowFiles, state: OpenedState, preparation: Preparation, problems: tuple[str, ...], log: Log
) -> tuple[Show, OpenedState] | None:
    """The same from the texts that were in force when the daemon died; None where that is not to be, or cannot be."""
    texts = _texts_of(state, log)
    if texts is None or not _is_edited(texts):
        return None
    try:
        configuration = read_config_file(files.path, read=partial(_kept_or_read, texts))
        goes_on = _going_on(state, configuration)
        if goes_on is None:
            return None
        stand_in = replace(configuration, stand_in=StandIn(texts.since, problems))
        documents = {Path(path): text for path, text in texts.texts.items()}
        show = trio.run(prepare_show, stand_in, replace(preparation, kept=documents), standings_of(goes_on))
    except Exception as error:
        if not is_refusal(error):
            raise
        first = str(next(leaves_of(error))).splitlines()[0]
        _say_useless(first, log)
        return None
    files.stand_in(stand_in)
    return show, goes_on


def _texts_of(state: OpenedState, log: Log) -> KeptTexts | None:
    """What was in force when the daemon died; None where the show begins, or nothing of it can be read."""
    if state.kept is None:
        return None
    try:
        return state.database.texts()
    except (sqlite3.Error, OSError) as error:
        _say_useless(reason_for(error), log)
        return None


def _say_useless(why: str, log: Log) -> None:
    text = f"what was in force before cannot be used either: {why}"
    log.say(text, {"event": "state", "message": text}, grave=True)


def _is_edited(texts: KeptTexts) -> bool:
    """Whether a file is not as it was; else going back to what it was is of no use."""
    return any(
        not isinstance(now := read_regular_file(Path(path), limit=MAX_DOCUMENT_BYTES), Contents) or now.data != text
        for path, text in texts.texts.items()
    )


def _going_on(state: OpenedState, configuration: Configuration) -> OpenedState | None:
    """The state for another configuration; None where the show does not go on."""
    memory = recollect(state.kept, state.now, configuration)
    assert state.kept is not None
    if not isinstance(memory, ShowMemory) or not was_played(state.kept, configuration):
        return None
    return replace(state, recollection=Nothing() if state.safe_mode else memory)


def _kept_or_read(texts: KeptTexts, path: Path, expected: str) -> bytes:
    kept = texts.of(path)
    return bytes_of(path, expected) if kept is None else kept
