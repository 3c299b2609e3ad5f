"""Starting the conductor's process: on its own feet, so that it outlives a daemon that crashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

SOCKET: Final = "wire.sock"
"""Where in its directory a conductor listens."""

LOG: Final = "conductor.log"


class Starter:
    """Starts conductors, one after another, and buries those that have died."""

    def __init__(self, *, private: bool = False) -> None:
        """`private`: they leave with the first daemon that leaves them."""
        self._options = ["--private"] if private else []
        self._last: subprocess.Popen[bytes] | None = None
        self._used = False

    def start(self, directory: Path, *, fresh: bool = False) -> bool:
        """A conductor that serves in `directory`, which is made where it does not exist; unless the last one lives.

        `fresh`: one that ends what a predecessor was playing, instead of going on with it. Returns whether one was
        started. Raises OSError. It is detached: in a session of its own, with nothing of ours open, and what it says of
        its own accord goes to a file beside its socket.
        """
        if not self.buried():
            return False
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = [*self._options, *(["--fresh"] if fresh else [])]
        with (directory / LOG).open("wb") as log:
            self._last = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-m", "beatsync.conductor", str(directory), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                close_fds=True,
            )
        return True

    def buried(self) -> bool:
        """Whether no conductor of ours is left; one that has ended is forgotten by the system."""
        return self._last is None or self._last.poll() is not None

    def use(self) -> None:
        """A daemon has come to the conductor: from now on it decides itself when to leave."""
        self._used = True

    def end_unused(self) -> None:
        """End the conductor that no daemon has come to."""
        if self._last is not None and not self._used:
            self._last.terminate()
            self._last.wait()
