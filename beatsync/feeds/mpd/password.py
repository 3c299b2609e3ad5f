"""MPD's password: read when it is needed, and kept out of everything that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beatsync.config.feeds.mpd import PasswordFile, PasswordSource, PasswordVariable
from beatsync.feeds.feed import FeedTrouble
from beatsync.regular_files import Unread, read_regular_file

_MAX_BYTES: Final = 1024
_OTHERS: Final = 0o077


def read_password(source: PasswordSource, environment: Mapping[str, str]) -> str:
    """The password. Reads a small file: blocks briefly. Raises FeedTrouble, without showing any of it."""
    match source:
        case PasswordVariable(name):
            text = environment.get(name)
            if text is None:
                raise FeedTrouble(f"mpd password: {source} is not set; expected the password")
        case PasswordFile(path):
            contents = read_regular_file(path, limit=_MAX_BYTES)
            if isinstance(contents, Unread):
                raise FeedTrouble(f"mpd password: {path}: {contents.reason}; expected a file with the password alone")
            text = contents.data.decode(errors="replace").removesuffix("\n").removesuffix("\r")
    if not text.isprintable() or "\ufffd" in text or not text:
        raise FeedTrouble(
            f"mpd password: {source} is empty, or has a line break or another character that no password can have; "
            f"expected the password alone"
        )
    return text


def doubts_about(source: PasswordSource | None) -> str:
    """What should be known of how it is kept, as the rest of a line; empty where all is well."""
    if isinstance(source, PasswordFile):
        contents = read_regular_file(source.path, limit=_MAX_BYTES)
        if not isinstance(contents, Unread) and contents.permissions & _OTHERS:
            return f"; others on this machine can get at {source}, chmod 600 it"
    return ""
