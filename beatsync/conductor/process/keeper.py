"""Keeps a conductor's journal: after every step its memory, beside it the schedules, so that a successor can go on.

A step's reports are told only once they are in the journal, and the successor tells them again: whoever listens knows
by the step's number what it has heard already. Of the memory only what a step has changed is written out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Raw, Struct

from beatsync.conductor.memory import ConductorMemory, Fates, Unfinished
from beatsync.conductor.process.schedules import Schedules
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Totals
from beatsync.conductor.wire.journal import Found, JournalFile
from beatsync.conductor.wire.memories import (
    EngineRecord,
    OutcomesRecord,
    ReportsRecord,
    engine_memory,
    engine_record,
    outcomes_of,
    outcomes_record,
    reports_record,
)
from beatsync.conductor.wire.tables import NOTHING_LOADED, Loaded
from beatsync.core.targets import Target
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs
from beatsync.core.verdicts import Outcome

JOURNAL: Final = "conductor.journal"

FRESH_FOR: Final = DurationNs(60 * NS_PER_SECOND)
"""How long after its death a conductor is succeeded at once. Later it is for the daemon to say what is played."""

_NEVER: Final = HostNs(0)


class _Kept(Struct, frozen=True, array_like=True):
    """The content of a slot. What a deck remembers and what a target's totals are comes as bytes already."""

    applied: int
    show: str
    targets: tuple[Target, ...]
    digests: dict[str, str]
    decks: dict[str, Raw]
    totals: dict[str, Raw]
    queued: dict[str, OutcomesRecord]
    hushed: dict[str, tuple[str, ...]]
    tracks: dict[str, str]
    reports: list[ReportsRecord]


_encode: Final = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Left:
    """What a predecessor left. `reports` are those of its last whole `step`."""

    step: int
    applied: int
    show: str
    targets: tuple[Target, ...]
    loaded: Mapping[str, Loaded]
    memory: ConductorMemory
    reports: list[ReportsRecord]
    unfinished: Unfinished | None


@dataclass(frozen=True, slots=True)
class Told:
    """A step that is safe in the journal, and the decks that it has changed."""

    step: int
    applied: int
    decks: Collection[str]
    reports: list[ReportsRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The next input: its number, the schedules that come with it, by deck, and perhaps other targets."""

    number: int
    loaded: Mapping[str, Loaded] = field(default_factory=dict)
    targets: tuple[Target, ...] | None = None


class Keeper:
    """Writes the journal of one conductor, whose journal and whose listener it is."""

    def __init__(self, directory: Path, tell: Callable[[Told], None]) -> None:
        """`directory`: one conductor's own. `tell`: called after each step. Raises OSError."""
        self._tell = tell
        self._file = JournalFile(directory / JOURNAL)
        self.schedules = Schedules(directory)
        """The schedules' own files."""
        self._memory: Callable[[Collection[str]], ConductorMemory] | None = None
        self._reports: list[Report] = []
        self._show = ""
        self._targets: tuple[Target, ...] = ()
        self._loaded: dict[str, Loaded] = {}
        self._decks: dict[str, Raw] = {}
        self._totals: dict[str, Raw] = {}
        self._applied = 0
        self._coming = Coming(number=0)

    def close(self, *, politely: bool) -> None:
        """Let go; `politely`: nothing is left for a successor."""
        if politely:
            self._file.clear()
            self.schedules.keep_only(())
        self._file.close()

    @property
    def last_applied(self) -> int:
        """The number of the last input that was applied."""
        return self._applied

    def loaded(self, deck: str) -> Loaded:
        """The schedule that a deck's numbers refer to."""
        return self._loaded.get(deck, NOTHING_LOADED)

    # Succession

    def find(self, boot: str | None = None, now: HostNs = _NEVER) -> Left | None:
        """What a predecessor left, if it can be gone on from; what cannot be is thrown away.

        `boot`: only if it was of this run of the machine, and alive until shortly before `now`; None for in any case.
        """
        found = self._file.find()
        if found is None:
            return None
        if boot is not None and not _is_fresh(found, boot, now):
            self._file.clear()
            return None
        try:
            kept = msgspec.msgpack.decode(found.content, type=_Kept)
            loaded = {deck: self.schedules.read(digest) for deck, digest in kept.digests.items()}
            memory = _memory_of(kept, loaded)
        except (OSError, ValueError, LookupError, msgspec.MsgspecError):
            self._file.clear()
            return None
        self._show, self._targets = kept.show, kept.targets
        self._loaded, self._applied = loaded, kept.applied
        self._coming = Coming(number=kept.applied)
        self._decks, self._totals = dict(kept.decks), dict(kept.totals)
        return Left(found.step, kept.applied, kept.show, kept.targets, loaded, memory, kept.reports, found.unfinished)

    def follow(
        self, targets: tuple[Target, ...], show: str, memory: Callable[[Collection[str]], ConductorMemory]
    ) -> None:
        """From now on keep the conductor that plays this show for `targets`."""
        self._targets = targets
        self._show = show
        self._memory = memory

    def forget(self) -> None:
        """The conductor to come starts from nothing."""
        self._loaded, self._decks, self._totals = {}, {}, {}

    def expect(self, coming: Coming) -> None:
        """The next input that is applied is this one."""
        self._coming = coming

    # Journal

    def stamp(self, boot: str, now: HostNs) -> None:
        """The conductor is alive, in this run of the machine."""
        self._file.stamp(boot, now)

    def begins(self, at: HostNs, count: int) -> Fates:
        """A step is under way."""
        return self._file.begin(at, count)

    def applied(self, decks: Collection[str]) -> None:
        """The expected input has been applied."""
        self._applied = self._coming.number
        self._loaded |= self._coming.loaded
        self._targets = self._targets if self._coming.targets is None else self._coming.targets
        self.ends(decks)
        if self._coming.loaded:
            self.schedules.keep_only(loaded.digest for loaded in self._loaded.values())
        self._coming = Coming(number=self._applied)

    def ends(self, decks: Collection[str]) -> None:
        """The step is whole."""
        assert self._memory is not None
        memory = self._memory(decks)
        self._keep_decks(decks, memory)
        self._totals |= {target: Raw(_encode(totals)) for target, totals in memory.totals.items()}
        reports = self._reports_record()
        kept = _Kept(
            self._applied,
            self._show,
            self._targets,
            {deck: loaded.digest for deck, loaded in self._loaded.items()},
            self._decks,
            self._totals,
            self._queued_record(memory.queued),
            dict(memory.hushed),
            dict(memory.tracks),
            reports,
        )
        self._file.end(_encode(kept))
        self._tell(Told(self._file.step, self._applied, decks, reports))

    def _keep_decks(self, decks: Iterable[str], memory: ConductorMemory) -> None:
        for deck in decks:
            if deck in memory.decks:
                record = engine_record(memory.decks[deck], self.loaded(deck).numbering)
                self._decks[deck] = Raw(_encode(record))
            else:
                self._decks.pop(deck, None)

    def _queued_record(self, queued: Iterable[Outcome]) -> dict[str, OutcomesRecord]:
        by_deck: dict[str, list[Outcome]] = {}
        for outcome in queued:
            by_deck.setdefault(outcome.deck, []).append(outcome)
        return {deck: outcomes_record(its, self.loaded(deck).numbering) for deck, its in by_deck.items()}

    def _reports_record(self) -> list[ReportsRecord]:
        by_deck: dict[str, list[Report]] = {}
        for report in self._reports:
            by_deck.setdefault(report.outcome.deck, []).append(report)
        self._reports.clear()
        records = []
        for deck, its in by_deck.items():
            loaded = self.loaded(deck)
            records.append(reports_record(its, loaded.numbering, deck=deck, digest=loaded.digest))
        return records

    def note(self, report: Report) -> None:
        """A report of the step under way."""
        self._reports.append(report)


def _is_fresh(found: Found, boot: str, now: HostNs) -> bool:
    return found.boot == boot.replace("-", "") and 0 <= now - found.alive <= FRESH_FOR


def _memory_of(kept: _Kept, loaded: Mapping[str, Loaded]) -> ConductorMemory:
    """Raises MsgspecError or LookupError where it is not of these schedules."""

    def numbering(deck: str) -> Loaded:
        return loaded.get(deck, NOTHING_LOADED)

    queued = [outcomes_of(record, numbering(deck).numbering, deck=deck) for deck, record in kept.queued.items()]
    return ConductorMemory(
        decks={
            deck: engine_memory(msgspec.msgpack.decode(raw, type=EngineRecord), numbering(deck).numbering, deck=deck)
            for deck, raw in kept.decks.items()
        },
        totals={target: msgspec.msgpack.decode(raw, type=Totals) for target, raw in kept.totals.items()},
        queued=tuple(outcome for outcomes in queued for outcome in outcomes),
        hushed=kept.hushed,
        tracks=kept.tracks,
    )
