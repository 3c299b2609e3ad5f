"""Who operates the show: by chance, in real time, over the control socket; and kills what runs it."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from beatsync.control.client import ask_daemon
from beatsync.errors import BeatsyncError
from tests.system.operated.stage import TRACK_SECONDS, Stage
from tests.system.program import Running, conductors_of, running

WEIGHTS: Final = {
    "seek": 40,
    "edit": 20,
    "mistake": 8,
    "hand_over": 12,
    "pause": 5,
    "step": 4,
    "mute": 3,
    "daemon_dies": 5,
    "conductor_dies": 4,
    "both_die": 2,
}
"""How often each is done, of about 100."""


@dataclass
class Operator:
    """One show from its start to its end."""

    stage: Stage
    env: dict[str, str]
    chance: random.Random
    stack: ExitStack
    daemons: list[Running] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def socket(self) -> Path:
        """The daemon's."""
        return Path(self.env["BEATSYNC_SOCKET"])

    def start(self) -> None:
        """Another daemon; returns once it is armed and answers."""
        daemon = self.stack.enter_context(running(self.stage.config, env=self.env))
        self.daemons.append(daemon)
        daemon.wait_for("armed")
        while not self._said("status"):
            time.sleep(0.01)

    def operate(self, seconds: float) -> None:
        """Do one thing after another, first one of each kind, for so long."""
        until = time.monotonic() + seconds
        firsts = self.chance.sample(list(WEIGHTS), len(WEIGHTS))
        while time.monotonic() < until:
            what = firsts.pop() if firsts else self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            self._revive()
            getattr(self, f"_{what}")()
            self.done[what] += 1
            time.sleep(self.chance.uniform(0.2, 1.5))

    def end(self) -> None:
        """Stop both decks, so that every look ends; then the daemon."""
        for deck in "ab":
            self._said(f"decks/{deck}/stop")
        self.daemons[-1].signal(signal.SIGTERM)
        assert self.daemons[-1].wait() == 0, self.daemons[-1].records[-5:]

    def _said(self, command: str, **body: Any) -> dict[str, Any]:
        """The answer; empty where the daemon refuses, which is counted."""
        try:
            return dict(ask_daemon(self.socket, command, body or None))
        except BeatsyncError as error:
            self.refused[f"{command.rpartition('/')[2]}: {type(error).__name__}"] += 1
            return {}

    def _revive(self) -> None:
        """A deck whose set list is over begins somewhere again."""
        for name, deck in self._said("status").get("decks", {}).items():
            if deck["playback"] == "ended":
                self._said(f"decks/{name}/previous")
                self._said(f"decks/{name}/play")

    # What is done

    def _deck(self) -> str:
        return self.chance.choice("ab")

    def _seek(self) -> None:
        self._said(f"decks/{self._deck()}/seek", position=self.chance.uniform(0, TRACK_SECONDS - 2))

    def _pause(self) -> None:
        deck = self._deck()
        self._said(f"decks/{deck}/pause")
        time.sleep(self.chance.uniform(0.1, 1.0))
        self._said(f"decks/{deck}/play")

    def _step(self) -> None:
        self._said(f"decks/{self._deck()}/{self.chance.choice(['next', 'previous'])}")

    def _hand_over(self) -> None:
        other = {"a": "b", "b": "a"}[self._said("status")["on_air"]]
        self._said(f"decks/{other}/on-air")

    def _mute(self) -> None:
        self._said("targets/beats/mute")
        time.sleep(self.chance.uniform(0.3, 1.0))
        self._said("targets/beats/mute", on=False)

    def _edit(self) -> None:
        self.stage.change()
        assert self._said("reload")

    def _mistake(self) -> None:
        self.stage.spoil()
        assert not self._said("reload")
        self.stage.write()

    def _daemon_dies(self) -> None:
        self.daemons[-1].process.kill()
        self.daemons[-1].wait()
        time.sleep(self.chance.uniform(0.0, 1.0))
        self.start()

    def _conductor_dies(self) -> None:
        for process in conductors_of(self.env):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(1.0)

    def _both_die(self) -> None:
        self.daemons[-1].process.kill()
        self.daemons[-1].wait()
        for process in conductors_of(self.env):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.start()
