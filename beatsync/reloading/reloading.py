"""Reload: everything is read again aside, and put into force between two cues; what is wrong changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import trio

from beatsync.config.configuration import Configuration
from beatsync.core.notes import Note
from beatsync.decks.assembling import Means
from beatsync.decks.commands import Reloaded
from beatsync.decks.desk import Desk
from beatsync.decks.material import Material
from beatsync.decks.news import News
from beatsync.errors import BeatsyncError
from beatsync.reloading.differences import differences
from beatsync.reloading.files import Look, Signatures
from beatsync.reloading.revision import Revision, is_fresh, revise
from beatsync.reloading.swap import put_into_force

SECOND_LOOK_SECONDS: Final = 0.2
"""A file that is just being written is whole by then."""

ReadConfiguration = Callable[[], Awaitable[Configuration]]
"""Reads the show's configuration. Raises ConfigError."""

LookAt = Callable[[Configuration], Awaitable[Look]]
"""Looks at the files that a configuration names."""

Keep = Callable[[Configuration, Signatures], None]
"""Told what is in force, and how its files were before they were read."""


class Reloading:
    """Reloads one show, one reload after another."""

    def __init__(
        self,
        means: Means,
        read: ReadConfiguration,
        *,
        look: LookAt,
        seen: Signatures,
        keep: Keep = lambda _configuration, _seen: None,
    ) -> None:
        """`means`: what the show's decks are made with. `seen`: the files as they were when the show was read.

        `keep`: told what has come into force.
        """
        self.seen = seen
        """The files as they were when they were last read."""
        self._means = means
        self._read = read
        self._look_at = look
        self._keep = keep
        self._turn = trio.Lock()

    async def look(self, desk: Desk) -> Look:
        """The files as they are now."""
        return await self._look_at(desk.ensemble.configuration)

    async def reload(self, desk: Desk) -> Reloaded:
        """Play on with what the files say now. Raises ConfigError, TrackError or SourceError, and changes nothing then.

        Everybody is told how it went.
        """
        async with self._turn:
            try:
                revision = await self._revision(desk)
            except BeatsyncError as error:
                self._tell_failure(error)
                desk.ensemble.configuration = _still_standing_in(desk.ensemble.configuration, error)
                raise
            return self._put_into_force(revision, desk)

    async def _revision(self, desk: Desk) -> Revision:
        """What the files say; where they make no sense they are looked at once more."""
        try:
            return await self._prepared(desk)
        except BeatsyncError:
            await trio.sleep(SECOND_LOOK_SECONDS)
            return await self._prepared(desk)

    async def _prepared(self, desk: Desk) -> Revision:
        """A revision that is ready to be put into force: its new targets are open, its decks stand where it says."""
        before = self.seen = (await self.look(desk)).files
        configuration = await self._read()
        now = (await self._look_at(configuration)).files
        while True:
            revision = await revise(configuration, desk.ensemble.decks, self._means)
            await self._means.conductor.prepare(configuration.targets)
            if all(is_fresh(name, revision.parts, configuration, desk.ensemble.decks) for name in configuration.decks):
                self.seen = {path: before.get(path, signature) for path, signature in now.items()}
                return revision

    def _put_into_force(self, revision: Revision, desk: Desk) -> Reloaded:
        before, loaded = desk.ensemble.configuration, _loaded(desk)
        known = {*before.notes, *(note for its in loaded.values() for note in its.notes)}
        put_into_force(revision, desk, self._means)
        self._keep(revision.configuration, self.seen)
        after = _loaded(desk)
        pairs = {name: (loaded[name], its) for name, its in after.items() if name in loaded}
        outcome = differences(before, revision.configuration, pairs)
        kept = [f"target {name}: lead stays as set by hand" for name in _overruled(before, desk)]
        mended = () if before.stand_in is None else ("the show's files are in force again",)
        outcome = replace(outcome, changes=(*mended, *outcome.changes, *kept))
        self._tell_outcome(outcome)
        for note in (*revision.configuration.notes, *(note for its in after.values() for note in its.notes)):
            if note not in known:
                known.add(note)
                self._tell_note(note)
        return outcome

    # What people are told

    def _tell(self, event: str, text: str, fields: dict[str, object], *, grave: bool = False) -> None:
        self._means.tell(News(self._means.clock.now(), event, text, fields, grave))

    def _tell_outcome(self, outcome: Reloaded) -> None:
        fields = {"done": True, "changes": list(outcome.changes), "later": list(outcome.later)}
        self._tell("reload", outcome.text, fields)

    def _tell_failure(self, error: BeatsyncError) -> None:
        problems = str(error).splitlines()
        text = "the show's files cannot be used, and it goes on as it was"
        self._tell("reload", f"not reloaded: {text}: {problems[0]}", {"done": False, "problems": problems}, grave=True)
        for problem in problems[1:]:
            self._tell("problem", problem, {"message": problem}, grave=True)

    def _tell_note(self, note: Note) -> None:
        self._tell("note", f"note: {note}", {"place": note.place, "message": note.message}, grave=True)


def _loaded(desk: Desk) -> dict[str, Material]:
    return {name: deck.material for name, deck in desk.ensemble.decks.items() if deck.material is not None}


def _still_standing_in(configuration: Configuration, error: BeatsyncError) -> Configuration:
    """One that stands in for its file names what is wrong with that now."""
    if configuration.stand_in is None:
        return configuration
    return replace(configuration, stand_in=replace(configuration.stand_in, problems=tuple(str(error).splitlines())))


def _overruled(before: Configuration, desk: Desk) -> list[str]:
    """The targets whose leads have been edited, and are not heeded."""
    old = {target.name: target.lead for target in before.targets}
    new = {target.name: target.lead for target in desk.ensemble.configuration.targets}
    return [name for name in desk.settings.leads if name in old and old[name] != new.get(name, old[name])]
