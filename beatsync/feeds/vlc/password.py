"""VLC's password: read from a file or the environment, and kept out of everything that people read.

No message and no representation made here contains any part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, assert_never

from beatsync.config.feeds.vlc import PasswordFile, PasswordVariable, WhereThePasswordIs
from beatsync.feeds.feed import FeedTrouble
from beatsync.regular_files import Contents, read_regular_file

SYSTEMD_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
CREDENTIAL_NAME: Final = "vlc-password"

_MOST_BYTES: Final = 1_024
_LEAST_CHARACTERS: Final = 8
_EXPECTED: Final = "what VLC was given as --http-password"


class Password:
    """A text that is not shown. Only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one header that carries it."""
        return self._text

    def is_echoed_in(self, data: bytes) -> bool:
        """Whether the text is in `data`. One of a few letters is in many a title by chance, and is no secret."""
        return len(self._text) >= _LEAST_CHARACTERS and self._text.encode() in data

    def __repr__(self) -> str:
        """Never the text."""
        return "Password(…)"


def find_password(kept: WhereThePasswordIs, env: Mapping[str, str]) -> Password:
    """The password, from where it is kept, else systemd's credential `vlc-password`.

    Raises FeedTrouble. Reads a small file: blocks briefly.
    """
    match kept:
        case PasswordFile(path):
            return _in_file(path)
        case PasswordVariable(name):
            if text := env.get(name):
                return _checked(text, f"${name}")
            if folder := env.get(SYSTEMD_VARIABLE):
                return _in_file(Path(folder) / CREDENTIAL_NAME)
            raise FeedTrouble(f"vlc: no password; set {name}, or say password_file: PATH; it is {_EXPECTED}")
        case _:
            assert_never(kept)


def _in_file(path: Path) -> Password:
    contents = read_regular_file(path, limit=_MOST_BYTES)
    if not isinstance(contents, Contents):
        raise FeedTrouble(f"{str(path)!r}: VLC's password cannot be read: {contents.reason}; it is {_EXPECTED}")
    try:
        text = contents.data.decode()
    except UnicodeDecodeError:
        raise FeedTrouble(f"{str(path)!r}: VLC's password is not UTF-8 text; it is {_EXPECTED}") from None
    return _checked(text.removesuffix("\n").removesuffix("\r"), str(path))


def _checked(text: str, where: str) -> Password:
    if not text:
        raise FeedTrouble(f"{where}: empty; expected {_EXPECTED}")
    if not text.isprintable():
        raise FeedTrouble(f"{where}: VLC's password has a line break or a control character in it; copy it again")
    return Password(text)
