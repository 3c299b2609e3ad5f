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

    Output that cannot be written raises OutputError, once, and nothing is written after it. Whoever does not read it
    any more has seen enough, and is no error. What cannot be said on standard error is not said, there is no better
    place: nothing is raised, and once there is room again it goes on. `failure_of` tells of each. Standard input that
    is not there is a closed one.
    """
    _reserve_descriptors()
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        sys.stdin.close()
    if sys.stdout is sys.__stdout__:
        sys.stdout = _guarded(_Output(_OUTPUT, missing=sys.stdout is None), sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _guarded(_Errors(_ERRORS, missing=sys.stderr is None), sys.stderr)


def failure_of(stream: TextIO) -> OSError | None:
    """What first kept a guarded stream from being written: OutputError, BrokenPipeError; None while all is well."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    return raw.failure if isinstance(raw, _Guarded) else None


def _reserve_descriptors() -> None:
    """Give 0 to 2 to nothing where they are closed: else the next socket is what prints are written to."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= _ERRORS:
        pass
    os.close(opened)


def _guarded(raw: _Guarded, present: TextIO | None) -> TextIO:
    if not isinstance(present, io.TextIOWrapper):
        return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace")
    # As Python does it: where nothing is to be buffered the text goes to the raw stream.
    buffer: Any = raw if present.write_through else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffer,
        encoding=present.encoding,
        errors=present.errors,
        line_buffering=present.line_buffering,
        write_through=present.write_through,
    )


class _Missing(OSError):
    """There never was such a stream."""

    def __init__(self) -> None:
        super().__init__("closed")


class _Guarded(io.RawIOBase):
    """A file descriptor as a raw stream. `missing`: there was no such stream when the program started."""

    def __init__(self, descriptor: int, *, missing: bool) -> None:
        self._descriptor = descriptor
        self._missing = missing
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def _written(self, data: Any) -> int:
        """Write all of it."""
        if self._missing:
            raise _Missing
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            try:
                done += os.write(self._descriptor, view[done:])
            except BlockingIOError:
                select.select([], [self._descriptor], [])  # somebody else has made the terminal non-blocking
        return done


class _Output(_Guarded):
    """Standard output. What comes after the first failure is discarded: it would stand behind a gap."""

    def write(self, data: Any, /) -> int:
        if self.failure is not None:
            return len(data)
        try:
            return self._written(data)
        except BrokenPipeError as error:
            self.failure = error
            return len(data)
        except OSError as error:
            complaint = f"standard output: {_reason(error)}; what was to be printed is not complete"
            self.failure = OutputError(complaint)
            raise self.failure from None


class _Errors(_Guarded):
    """Standard error, which never fails: what cannot be written is discarded. What comes after starts a line."""

    def __init__(self, descriptor: int, *, missing: bool) -> None:
        super().__init__(descriptor, missing=missing)
        self._torn = False

    def write(self, data: Any, /) -> int:
        if isinstance(self.failure, BrokenPipeError | _Missing):
            return len(data)
        try:
            if self._torn:
                self._written(b"\n")
                self._torn = False
            return self._written(data)
        except (BrokenPipeError, _Missing) as error:
            self.failure = error
        except OSError as error:
            self.failure = self.failure or OutputError(f"standard error: {_reason(error)}; the log is not complete")
            self._torn = True
        return len(data)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
