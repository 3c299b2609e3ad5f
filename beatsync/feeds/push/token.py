"""Where the token is that pushes from other machines must carry: in a file or the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from beatsync.config.feeds.push import PushSettings
from beatsync.feeds.feed import FeedTrouble
from beatsync.web.token import TokenTrouble, checked_token, token_in_file

TOKEN_VARIABLE: Final = "BEATSYNC_PUSH_TOKEN"  # noqa: S105  where it is, not what
SYSTEMD_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
CREDENTIAL_NAME: Final = "beatsync-push-token"


def push_token(settings: PushSettings, env: Mapping[str, str]) -> str | None:
    """The token, from `token_file`, else BEATSYNC_PUSH_TOKEN, else systemd's credential `beatsync-push-token`.

    None where there is none and none is needed. Raises FeedTrouble. Reads a small file: blocks briefly.
    """
    try:
        token = _found(settings, env)
    except TokenTrouble as trouble:
        raise FeedTrouble(str(trouble)) from None
    if token is None and settings.is_public:
        raise FeedTrouble(
            f"{settings.name}: {settings.host} can be reached from other machines, and needs a token: name a file in "
            f"token_file, or set {TOKEN_VARIABLE}; or listen on 127.0.0.1",
        )
    return token


def _found(settings: PushSettings, env: Mapping[str, str]) -> str | None:
    if settings.token_file is not None:
        return token_in_file(settings.token_file)
    if text := env.get(TOKEN_VARIABLE):
        return checked_token(text, TOKEN_VARIABLE)
    credential = Path(env[SYSTEMD_VARIABLE]) / CREDENTIAL_NAME if env.get(SYSTEMD_VARIABLE) else None
    return token_in_file(credential) if credential is not None and credential.exists() else None
