"""What a test needs of the machine: a Debian package, or root. CI has all of it; elsewhere the test is left out."""

from __future__ import annotations

import ctypes
import os
import shutil

import pytest


def needs(package: str, command: str, *, root: bool = False) -> str:
    """The path of `command`. Where it is missing the test is left out with a line on how to get it; in CI it fails."""
    path = shutil.which(command, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        _leave_out(f"needs the Debian package {package}: apt-get install {package}")
    elif root and os.geteuid() != 0:
        _leave_out(f"needs root, for {command}")
    return path or ""


def needs_library(package: str, name: str) -> ctypes.CDLL:
    """The shared library. Where it is missing the test is left out; in CI it fails."""
    try:
        return ctypes.CDLL(name)
    except OSError:
        _leave_out(f"needs the Debian package {package}: apt-get install {package}")
        raise


def _leave_out(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
