"""Unix sockets to listen on that only their user can open."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from beatsync.errors import ControlError


@contextmanager
def sole(path: Path) -> Iterator[None]:
    """Be the only process that gets past this, of all that would listen at `path`; a lock beside it holds them off.

    The lock goes with the process, however that ends. Raises ControlError, with the other's number.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        reason = error.strerror or error
        raise ControlError(f"control socket {path}: {reason}; set BEATSYNC_SOCKET to another path") from error
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        number = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "of unknown number"
        raise ControlError(
            f"control socket {path}: another beatsync is running, process {number}; stop it, or set BEATSYNC_SOCKET "
            "to run a second one"
        ) from None
    with suppress(OSError):  # a full disk: the lock holds all the same, only its number is not known
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


@contextmanager
def private_socket(path: Path, *, what: str = "control socket") -> Iterator[socket.socket]:
    """A listening socket that only this user can open, removed again at the end.

    Raises ControlError if another daemon has it, or it cannot be made.
    """
    listener = _listen(path, what)
    try:
        yield listener
    finally:
        listener.close()
        path.unlink(missing_ok=True)


def _listen(path: Path, what: str) -> socket.socket:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_stale(path, what)
        return _bound(path)
    except OSError as error:
        reason = error.strerror or error
        raise ControlError(f"{what} {path}: {reason}; set BEATSYNC_SOCKET to another path") from error


def _bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
        listener.listen(16)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(mask)
    return listener


def _clear_stale(path: Path, what: str) -> None:
    """Remove a socket that nobody listens on any more; never one that somebody does, nor anything else."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ControlError(f"{what} {path}: something else is there; remove it or set BEATSYNC_SOCKET")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise ControlError(
        f"{what} {path}: another beatsync is running; stop it, or set BEATSYNC_SOCKET to run a second one",
    )
