"""A token that requests must carry: what may be one, and reading it from a file. It is never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from beatsync.regular_files import Contents, read_regular_file

LEAST_CHARACTERS: Final = 16

_MAX_BYTES: Final = 4096


class TokenTrouble(Exception):
    """There is no token to be had; the text says why, on one line, with the remedy."""


def token_in_file(path: Path) -> str:
    """The token that a small file holds. Raises TokenTrouble. Blocks briefly."""
    contents = read_regular_file(path, limit=_MAX_BYTES)
    if not isinstance(contents, Contents):
        raise TokenTrouble(f"{str(path)!r}: the token cannot be read: {contents.reason}")
    return checked_token(contents.data.decode("latin-1").strip(), str(path))


def checked_token(text: str, where: str) -> str:
    """`text`, if it may be a token: of no few characters, all of which travel in a header. Raises TokenTrouble."""
    if len(text) < LEAST_CHARACTERS or not all(character.isalnum() or character in "-._~" for character in text):
        raise TokenTrouble(
            f"{where}: expected a token of at least {LEAST_CHARACTERS} letters, digits, '-', '.', '_' and '~'; "
            "make one with: openssl rand -hex 24",
        )
    return text
