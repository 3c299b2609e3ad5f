"""Standard output and standard error that fail in one way, whatever has become of them: closed, full, read no more.

Python leaves out a stream that was closed when it started, and complains about one that breaks where nobody can catch
it, on its way out. Never buffers beyond what Python's own streams do, and never colours or changes what is written.
"""

from __future__ import annotations

import io
import os
import select
import sys
from typing import Any, Final, TextIO

from beatsync.errors import OutputError

_OUTPUT: Final = 1
_ERRORS: Final = 2


def guard_streams() -> None:
    """Put guarded streams in place of standard output and standard error, where those are the process's own.

    Output that cannot be written raises OutputError, once. Whoever does not read it any more has seen enough, and is no
    error; `failure_of` tells. What cannot be said on standard error is not said: there is no better place. Standard
    input that is not there is a closed one.
    """
    _reserve_descriptors()
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        sys.stdin.close()
    if sys.stdout is sys.__stdout__:
        sys.stdout = _guarded(_OUTPUT, sys.stdout, "standard output")
    if sys.stderr is sys.__stderr__:
        sys.stderr = _guarded(_ERRORS, sys.stderr, "")


def failure_of(stream: TextIO) -> OSError | None:
    """Why nothing is written to a guarded stream any more: OutputError, BrokenPipeError; None while all is well."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.failure if isinstance(raw, _Guarded) else None


def _reserve_descriptors() -> None:
    """Give 0 to 2 to nothing where they are closed: else the next socket is what prints are written to."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= _ERRORS:
        pass
    os.close(opened)


def _guarded(descriptor: int, present: TextIO | None, name: str) -> TextIO:
    raw = _Guarded(descriptor, name, missing=present is None)
    if not isinstance(present, io.TextIOWrapper):
        return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace")
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=present.encoding,
        errors=present.errors,
        line_buffering=present.line_buffering,
        write_through=present.write_through,
    )


class _Guarded(io.RawIOBase):
    """A file descriptor as a raw stream. What is written after the first failure is discarded.

    `name`: for the complaint about it; without one there is none. `missing`: there was no such stream to begin with.
    """

    def __init__(self, descriptor: int, name: str, *, missing: bool) -> None:
        self._descriptor = descriptor
        self._name = name
        self._missing = missing
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        if self.failure is None:
            try:
                return self._written(data)
            except BrokenPipeError as error:
                self.failure = error
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                self.failure = OutputError(f"{self._name}: {reason}; what was to be printed is not complete")
                if self._name:
                    raise self.failure from None
        return len(data)

    def _written(self, data: Any) -> int:
        if self._missing:
            raise OSError("closed")
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])  # somebody else has made the terminal non-blocking
