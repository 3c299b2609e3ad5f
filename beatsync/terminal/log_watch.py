"""Whether the log of a show can be written. Never a reason to end the show: it is said once, on another stream."""

from __future__ import annotations

from typing import TextIO

from beatsync.errors import OutputError
from beatsync.terminal.streams import failure_of


class LogWatch:
    """Looks after the stream that a log is written to."""

    def __init__(self, log: TextIO, elsewhere: TextIO | None) -> None:
        """`log`: a guarded stream; `elsewhere`: where its failure is told, None where there is no such place."""
        self._log = log
        self._elsewhere = elsewhere
        self._told = False

    def look(self) -> None:
        """Say what is wrong with it, if that has not been said."""
        self._tell("; the show goes on without it, Ctrl-C ends it")

    def end(self) -> int:
        """The same after the show. Returns the exit code that its failure means, 0 if all was well."""
        self._tell("")
        return OutputError.exit_code if isinstance(failure_of(self._log), OutputError) else 0

    def _tell(self, rest: str) -> None:
        """Whoever has stopped reading knows it: that is said only to a person at a terminal, who waits for an end."""
        failure = failure_of(self._log)
        if failure is None or self._told or self._elsewhere is None:
            return
        self._told = True
        if isinstance(failure, OutputError):
            self._elsewhere.write(f"beatsync: {failure}{rest}\n")
        elif rest and self._elsewhere.isatty():
            self._elsewhere.write(f"beatsync: nobody reads the log any more{rest}\n")
        self._elsewhere.flush()
