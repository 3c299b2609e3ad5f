"""C10: VLC's password is found where it is kept, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.config.feeds.vlc import PasswordFile, PasswordVariable
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.vlc.password import CREDENTIAL_NAME, Password, find_password

SECRET = "correct horse Ω battery"


def test_it_is_in_the_variable_that_is_named() -> None:
    assert find_password(PasswordVariable("MINE"), {"MINE": SECRET}).reveal() == SECRET


def test_it_is_in_the_file_that_is_named_without_the_line_break_of_an_editor(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n")
    assert find_password(PasswordFile(path), {}).reveal() == SECRET


def test_it_is_a_credential_of_the_service_where_nothing_else_is_said(tmp_path: Path) -> None:
    (tmp_path / CREDENTIAL_NAME).write_text(SECRET)
    assert find_password(PasswordVariable(), {"CREDENTIALS_DIRECTORY": str(tmp_path)}).reveal() == SECRET


def test_where_there_is_none_both_ways_to_give_one_are_said() -> None:
    with pytest.raises(FeedTrouble, match=r"no password; set VLC_PASSWORD, or say password_file: PATH"):
        find_password(PasswordVariable(), {})


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"tab\tbed", b"x" * 5_000])
def test_what_is_no_password_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)
    with pytest.raises(FeedTrouble) as refusal:
        find_password(PasswordFile(path), {})
    assert str(path) in str(refusal.value)
    assert "two" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedTrouble, match="no such file; it is what VLC was given as --http-password"):
        find_password(PasswordFile(tmp_path / "nowhere"), {})


def test_no_representation_has_it() -> None:
    password = Password(SECRET)
    assert SECRET not in f"{password} {password!r} {[password]}"
