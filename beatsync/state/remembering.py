"""The running show as a value to be kept, and the task that keeps it: beside the show, never in its way.

It writes when something has changed, and every second while something plays, so that it is known until when the daemon
lived. What the disk does not take is said once; the show goes on.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, Never, Protocol

import trio

from beatsync.clock import Clock
from beatsync.conductor.report import Report
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import WallNs
from beatsync.decks.deck import Deck
from beatsync.decks.desk import Desk
from beatsync.decks.news import News, Tell
from beatsync.state.database import Database, Decision, reason_for
from beatsync.state.kept import Instant, KeptDeck, KeptSettings, KeptShow, clock_mark, kept_track
from beatsync.state.texts import Texts

ALIVE_SECONDS: Final = 1.0
"""How often it is noted that the daemon lives, while something plays."""

IDLE_SECONDS: Final = 10.0
"""The same while nothing does."""

LAST_WORD_SECONDS: Final = 0.5
"""How long the end of a show waits for the disk."""

MOST_WAITING: Final = 2_000
"""Of decisions that a slow disk has not taken, the latest so many are kept."""


ReadTexts = Callable[[], Texts | None]
"""Reads the files in force; None where they are others by now. Blocks for as long as the disk takes."""


class Aside(Protocol):
    """Runs what may block."""

    def __call__(self, work: Callable[[], None]) -> Awaitable[None]:
        """Returns when it is done; raises as it does."""
        ...


class Remembering:
    """Keeps one show."""

    def __init__(self, database: Database, *, clock: Clock, boot: str, tell: Tell, aside: Aside) -> None:
        """`boot`: what this run of the machine is called. `tell`: who is told when the disk will not have it."""
        self._database = database
        self._clock = clock
        self._boot = boot
        self._tell = tell
        self._aside = aside
        self._passes: dict[str, int] = {}
        self._decisions: deque[Callable[[], Decision]] = deque(maxlen=MOST_WAITING)
        self._stirred = trio.Event()
        self._written: KeptShow | None = None
        self._failing = ""
        self._texts: ReadTexts | None = None
        self.over = False
        """The show is being ended on purpose."""

    # What it overhears

    def report(self, report: Report) -> None:
        """A verdict."""
        self._passes[report.outcome.deck] = report.outcome.pass_number
        self._decisions.append(partial(_decision_on, report, self._wall_less_host()))

    def news(self, news: News) -> None:
        """Something has happened."""
        deck = str(news.fields.get("deck", ""))
        at = WallNs(news.at + self._wall_less_host())
        decision = Decision(at, deck, self._passes.get(deck, 0), news.text, news.event, "")
        self._decisions.append(lambda: decision)
        self._stirred.set()

    def _wall_less_host(self) -> int:
        return self._clock.wall() - self._clock.now()

    def keep_texts(self, texts: ReadTexts) -> None:
        """Other files are in force: have their texts kept, when there is time for it."""
        self._texts = texts
        self._stirred.set()

    # The task

    async def run(self, desk: Desk) -> Never:
        """Keep the show, until cancelled; then once more."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._heed_commands, desk)
                while True:
                    self._stirred = trio.Event()
                    await self._keep(desk)
                    with trio.move_on_after(ALIVE_SECONDS if _plays(desk) else IDLE_SECONDS):
                        await self._stirred.wait()
        finally:
            with trio.CancelScope(shield=True), trio.move_on_after(LAST_WORD_SECONDS):
                await self._write(None)

    async def _heed_commands(self, desk: Desk) -> Never:
        while True:
            await desk.commanded.wait()
            self._stirred.set()

    async def _keep(self, desk: Desk) -> None:
        show = kept_show(desk, self._passes)
        if await self._write(None if show == self._written else show):
            self._written = show
        if self._texts is not None:
            texts, self._texts = self._texts, None
            await self._write_texts(texts)

    async def _write_texts(self, texts: ReadTexts) -> None:
        """Once: an edit that is on its way will be kept in its turn."""
        now, database = Instant(self._clock.now(), self._clock.wall(), self._boot), self._database

        def write() -> None:
            if database.is_open and (found := texts()) is not None:
                database.write_texts(now, found)

        try:
            await self._aside(write)
        except (sqlite3.Error, OSError) as error:
            why = reason_for(error)
            text = f"the configuration cannot be kept: {why}; should its file be broken, a restart would be refused"
            self._tell(News(self._clock.now(), "state", text, {"message": why}, grave=True))

    async def _write(self, show: KeptShow | None) -> bool:
        """Whether the disk has taken it."""
        now = Instant(self._clock.now(), self._clock.wall(), self._boot)
        taken, over, database = tuple(self._decisions), self.over, self._database
        self._decisions.clear()

        def write() -> None:
            if not database.is_open:
                database.open()
            database.write(now, show, (decision() for decision in taken), over=over)

        try:
            await self._aside(write)
        except (sqlite3.Error, OSError) as error:
            self._decisions = deque((*taken, *self._decisions), maxlen=MOST_WAITING)
            self._say_failure(reason_for(error))
            return False
        self._say_healed()
        return True

    def _say_failure(self, reason: str) -> None:
        if not self._failing:
            self._failing = reason
            text = f"the state cannot be kept: {reason}; the show goes on, and would begin anew after a crash"
            self._tell(News(self._clock.now(), "state", text, {"message": reason}, grave=True))

    def _say_healed(self) -> None:
        if self._failing:
            self._failing = ""
            self._tell(News(self._clock.now(), "state", "the state is kept again", {"message": ""}))


def _decision_on(report: Report, wall_less_host: int) -> Decision:
    """The same in words; made where there is time for it."""
    outcome, cue = report.outcome, report.outcome.cue
    what = " ".join([cue.address, *(str(value) for _, value in cue.arguments)])
    why = f"{cue.why}: {outcome.reason}" if outcome.reason else cue.why
    at = WallNs(report.at + wall_less_host)
    return Decision(at, outcome.deck, outcome.pass_number, what, outcome.verdict, why)


def _plays(desk: Desk) -> bool:
    lines = [deck.transport for deck in desk.ensemble.decks.values()]
    return any(line is not None and line.moving for line in lines)


def kept_show(desk: Desk, passes: Mapping[str, int]) -> KeptShow:
    """The show as it stands. `passes`: by deck."""
    settings = desk.settings
    return KeptShow(
        on_air=desk.ensemble.on_air.master,
        decks={name: _kept_deck(deck, passes.get(name, 0)) for name, deck in desk.ensemble.decks.items()},
        settings=KeptSettings(
            leads=dict(settings.leads),
            muted=tuple(sorted(settings.muted)),
            soloed=tuple(sorted(settings.soloed)),
            panicked=settings.panicked,
            locked=settings.locked,
        ),
    )


def _kept_deck(deck: Deck, pass_number: int) -> KeptDeck:
    """Of a deck that a player leads no line is kept: the player says where it is."""
    by_hand = deck.by_hand if deck.is_operated_by_hand else None
    return KeptDeck(
        track=None if deck.material is None else kept_track(deck.material.choice),
        place=deck.repertoire.place,
        gap=deck.repertoire.gap,
        clock=clock_mark(deck.choice.clock),
        transport=None if by_hand is None else deck.transport,
        rate=NORMAL_RATE if by_hand is None else by_hand.rate,
        stopped=deck.state().stopped,
        pass_number=pass_number,
    )
