"""A player's password: read when it is needed, and kept out of everything that people read.

No message and no representation made here contains any part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from beatsync.config.feeds.passwords import PasswordFile, PasswordSource, PasswordVariable
from beatsync.feeds.feed import FeedTrouble
from beatsync.regular_files import Unread, read_regular_file
from beatsync.secret import Secret

SYSTEMD_VARIABLE: Final = "CREDENTIALS_DIRECTORY"

_MOST_BYTES: Final = 1_024
_OTHERS: Final = 0o077


def find_password(
    source: PasswordSource, environment: Mapping[str, str], *, whose: str, credential: str | None = None
) -> Secret:
    """The password. `whose`: `mpd`; `credential`: what systemd may have it as, where the variable is not set.

    Raises FeedTrouble. Reads a small file: blocks briefly.
    """
    match source:
        case PasswordFile():
            return _in_file(source, whose)
        case PasswordVariable(name):
            if text := environment.get(name):
                return _checked(text, source, whose)
            folder = environment.get(SYSTEMD_VARIABLE)
            if credential is not None and folder:
                return _in_file(PasswordFile(Path(folder) / credential), whose)
            raise FeedTrouble(f"{whose} password: {source} is not set; set it, or say password_file: PATH")


def doubts_about(source: PasswordSource | None) -> str:
    """What should be known of how it is kept, as the rest of a line; empty where all is well."""
    if isinstance(source, PasswordFile):
        contents = read_regular_file(source.path, limit=_MOST_BYTES)
        if not isinstance(contents, Unread) and contents.permissions & _OTHERS:
            return f"; others on this machine can get at {source}, chmod 600 it"
    return ""


def _in_file(source: PasswordFile, whose: str) -> Secret:
    contents = read_regular_file(source.path, limit=_MOST_BYTES)
    if isinstance(contents, Unread):
        raise FeedTrouble(f"{whose} password: {source}: {contents.reason}; expected a file with the password alone")
    text = contents.data.decode(errors="replace").removesuffix("\n").removesuffix("\r")
    return _checked(text, source, whose)


def _checked(text: str, source: PasswordSource, whose: str) -> Secret:
    """A line break in it could be a command of its own."""
    if not text.isprintable() or "\ufffd" in text or not text:
        raise FeedTrouble(
            f"{whose} password: {source} is empty, or has a line break or another character that no password can have; "
            f"expected the password alone"
        )
    return Secret(text)
