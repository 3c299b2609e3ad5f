"""Where the token comes from. K6."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.push.token import push_token
from tests.feeds.push.pushing import TOKEN, settings

LOOPBACK = settings()
PUBLIC = settings(host="0.0.0.0")


def test_loopback_needs_none_and_heeds_one() -> None:
    assert push_token(LOOPBACK, {}) is None
    assert push_token(LOOPBACK, {"BEATSYNC_PUSH_TOKEN": TOKEN}) == TOKEN


def test_it_is_in_a_file_the_environment_or_systemd_s_credentials(tmp_path: Path) -> None:
    (tmp_path / "beatsync-push-token").write_text(f"{TOKEN}\n")
    assert push_token(replace(PUBLIC, token_file=tmp_path / "beatsync-push-token"), {}) == TOKEN
    assert push_token(PUBLIC, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == TOKEN
    assert push_token(PUBLIC, {"BEATSYNC_PUSH_TOKEN": TOKEN, "CREDENTIALS_DIRECTORY": "/nowhere"}) == TOKEN


def test_without_one_other_machines_cannot_be_let_in() -> None:
    with pytest.raises(FeedTrouble) as caught:
        push_token(PUBLIC, {"CREDENTIALS_DIRECTORY": "/nowhere"})
    assert "0.0.0.0 can be reached from other machines, and needs a token" in str(caught.value)
    assert "token_file" in str(caught.value)


@pytest.mark.parametrize("text", ["short", "spaces in the token here", "0123456789abcd\u00e4f", "a" * 5000])
def test_a_token_that_cannot_be_one_is_refused_and_never_shown(text: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(text)
    for chosen, env in ((replace(PUBLIC, token_file=path), {}), (PUBLIC, {"BEATSYNC_PUSH_TOKEN": f"{text}!"})):
        with pytest.raises(FeedTrouble) as caught:
            push_token(chosen, env)
        assert text not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedTrouble, match="the token cannot be read: no such file"):
        push_token(replace(PUBLIC, token_file=tmp_path / "none"), {})
