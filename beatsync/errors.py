"""Every error that beatsync raises on purpose, and the exit code that each one means.

    BeatsyncError
     ├── UsageError           64  the command line asked for something that makes no sense
     ├── TrackError           65  a track document that cannot be used
     ├── TraceError           65  a trace that cannot be read or written
     ├── SourceError          69  a track's structure could not be had
     │    ├── SourceRefused       the source answered, and the answer is final
     │    └── SourceUnreachable   no usable answer within the budget; trying later may help
     ├── OutputError          74  what was to be printed could not be
     ├── ControlError         76  no daemon, or the daemon refused
     │    └── CommandRefused      this command does not go with how things stand
     └── ConfigError          78  the configuration, with every problem in it

The exit codes are those of sysexits.h. A message is one lower-case line: the thing, the value, what was
expected, the remedy. Exceptions of libraries are turned into these by the adapter that called the library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


class BeatsyncError(Exception):
    """Something that a person can act on; its text is the whole message."""

    exit_code: ClassVar[int] = 70


class UsageError(BeatsyncError):
    """A command was called with arguments that make no sense together."""

    exit_code = 64


class TrackError(BeatsyncError):
    """A track document cannot be used: not JSON, of the wrong shape, too large, or not the track asked for."""

    exit_code = 65


class TraceError(BeatsyncError):
    """A trace cannot be read or written."""

    exit_code = 65


class SourceError(BeatsyncError):
    """A track's structure could not be had from where it is kept."""

    exit_code = 69


class SourceRefused(SourceError):
    """The source answered, and asking again will not change the answer (a wrong key, an unknown asset)."""


class SourceUnreachable(SourceError):
    """No usable answer within the time allowed; the cache may help, and so may trying later."""


class OutputError(BeatsyncError, OSError):
    """Standard output is full, closed or broken; whoever only read its beginning is no error."""

    exit_code = 74


class ControlError(BeatsyncError):
    """No daemon is running, or it refused the command."""

    exit_code = 76


class CommandRefused(ControlError):
    """The daemon is there, and the command does not go with how things stand; nothing has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing that is wrong with a configuration, or that is to be known of it.

    `path`: of the key that it is about, `rules[3].send.to`; `file`, `line` and `column` (from 1): where that stands.
    """

    message: str
    path: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None

    @property
    def where(self) -> str:
        """`show.yaml:14:11`; the file alone where there is no line."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part not in {None, ""})

    def __str__(self) -> str:
        """`show.yaml:14:11: rules[3].send.to: no target named 'desk2'`."""
        return ": ".join(part for part in (self.where, self.path, self.message) if part)


class ConfigError(BeatsyncError):
    """The configuration cannot be used. `problems` lists everything that is wrong with it, in file order."""

    exit_code = 78

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        """`problems`: at least one; each becomes a line."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def leaves_of(error: BaseException) -> Iterator[BaseException]:
    """The error itself, or those that nurseries have wrapped in groups."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from leaves_of(part)
    else:
        yield error


def is_refusal(error: BaseException) -> bool:
    """Whether this is something that a person can act on, or has done: no crash."""
    return all(isinstance(leaf, BeatsyncError | KeyboardInterrupt) for leaf in leaves_of(error))
