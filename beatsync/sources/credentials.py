"""The AudioScape key: found in the environment or in a file, and kept out of everything that people read.

Never reads the configuration for it, and no message, note or representation made here contains any part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from beatsync.core.notes import Note
from beatsync.errors import SourceRefused
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file
from beatsync.secret import Secret

KEY_VARIABLE: Final = "AUDIOSCAPE_API_KEY"
KEY_FILE_VARIABLE: Final = "AUDIOSCAPE_API_KEY_FILE"
SYSTEMD_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
CREDENTIAL_NAME: Final = "audioscape-api-key"

_MAX_KEY_BYTES: Final = 4096
_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class Credential:
    """The key, and what should be known of how it is kept."""

    key: Secret
    notes: tuple[Note, ...]


def find_api_key(env: Mapping[str, str]) -> Credential:
    """The key from AUDIOSCAPE_API_KEY, else AUDIOSCAPE_API_KEY_FILE, else systemd's credential `audioscape-api-key`.

    Raises SourceRefused where there is none, or where it cannot be a key. Reads a small file: blocks briefly.
    """
    if text := env.get(KEY_VARIABLE):
        return Credential(_checked(text, KEY_VARIABLE), ())
    if name := env.get(KEY_FILE_VARIABLE):
        return _from_named_file(Path(name))
    if folder := env.get(SYSTEMD_VARIABLE):
        path = Path(folder) / CREDENTIAL_NAME
        contents = read_regular_file(path, limit=_MAX_KEY_BYTES)
        if not (isinstance(contents, Unread) and contents.hindrance is Hindrance.MISSING):
            return Credential(_key_in(contents, path), ())
    raise SourceRefused(
        f"audioscape: no key; set {KEY_VARIABLE}, or {KEY_FILE_VARIABLE} to a file that holds it, "
        f"or give the service LoadCredential={CREDENTIAL_NAME}:FILE",
    )


def _from_named_file(path: Path) -> Credential:
    contents = read_regular_file(path, limit=_MAX_KEY_BYTES)
    key = _key_in(contents, path)
    assert isinstance(contents, Contents)
    if not contents.permissions & _OTHERS:
        return Credential(key, ())
    note = Note(
        "",
        f"{path}: key file with mode {contents.permissions:04o}: others on this machine can get at it; chmod 600 it",
    )
    return Credential(key, (note,))


def _key_in(contents: Contents | Unread, path: Path) -> Secret:
    if isinstance(contents, Unread):
        raise SourceRefused(
            f"{str(path)!r}: the AudioScape key cannot be read: {contents.reason}; expected a file with the key alone",
        )
    text = contents.data.decode("latin-1")  # every byte becomes a character: `_checked` refuses what is not ASCII
    return _checked(text.removesuffix("\n").removesuffix("\r"), str(path))


def _checked(text: str, where: str) -> Secret:
    """Raises SourceRefused, without showing the text, where it could not travel in a header."""
    if not text:
        raise SourceRefused(f"{where}: empty; expected the AudioScape key")
    if not all("!" <= character <= "~" for character in text):
        raise SourceRefused(
            f"{where}: the AudioScape key has a space, a line break, a control or a non-ASCII character in it; "
            f"expected the key alone: copy it again",
        )
    return Secret(text)
