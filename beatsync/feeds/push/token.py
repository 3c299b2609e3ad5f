"""The token that pushes from other machines must carry: found in a file or the environment, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from beatsync.config.feeds.push import PushSettings
from beatsync.feeds.feed import FeedTrouble
from beatsync.regular_files import Contents, read_regular_file

TOKEN_VARIABLE: Final = "BEATSYNC_PUSH_TOKEN"  # noqa: S105  where it is, not what
SYSTEMD_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
CREDENTIAL_NAME: Final = "beatsync-push-token"
LEAST_CHARACTERS: Final = 16

_MAX_BYTES: Final = 4096


def push_token(settings: PushSettings, env: Mapping[str, str]) -> str | None:
    """The token, from `token_file`, else BEATSYNC_PUSH_TOKEN, else systemd's credential `beatsync-push-token`.

    None where there is none and none is needed. Raises FeedTrouble. Reads a small file: blocks briefly.
    """
    if settings.token_file is not None:
        return _from_file(settings.token_file)
    if text := env.get(TOKEN_VARIABLE):
        return _checked(text, TOKEN_VARIABLE)
    credential = Path(env[SYSTEMD_VARIABLE]) / CREDENTIAL_NAME if env.get(SYSTEMD_VARIABLE) else None
    if credential is not None and credential.exists():
        return _from_file(credential)
    if settings.is_public:
        raise FeedTrouble(
            f"{settings.name}: {settings.host} can be reached from other machines, and needs a token: name a file in "
            f"token_file, or set {TOKEN_VARIABLE}; or listen on 127.0.0.1",
        )
    return None


def _from_file(path: Path) -> str:
    contents = read_regular_file(path, limit=_MAX_BYTES)
    if not isinstance(contents, Contents):
        raise FeedTrouble(f"{str(path)!r}: the token cannot be read: {contents.reason}")
    return _checked(contents.data.decode("latin-1").strip(), str(path))


def _checked(text: str, where: str) -> str:
    if len(text) < LEAST_CHARACTERS or not all(character.isalnum() or character in "-._~" for character in text):
        raise FeedTrouble(
            f"{where}: expected a token of at least {LEAST_CHARACTERS} letters, digits, '-', '.', '_' and '~'; "
            "make one with: openssl rand -hex 24",
        )
    return text
