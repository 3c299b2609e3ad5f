"""C10: where a player's password is found, and that nothing shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.config.feeds.passwords import PasswordFile, PasswordVariable
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.passwords import doubts_about, find_password

VARIABLE = PasswordVariable("MPD_PASSWORD")
SECRET = "correct horse Ω battery"


def file_with(folder: Path, content: bytes, *, mode: int = 0o600) -> PasswordFile:
    path = folder / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return PasswordFile(path)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_it_is_the_content_of_a_file_without_the_line_break_of_an_editor(tmp_path: Path, end: str) -> None:
    source = file_with(tmp_path, f"{SECRET}{end}".encode())
    assert find_password(source, {}, whose="mpd").reveal() == SECRET


def test_it_is_the_value_of_a_variable() -> None:
    assert find_password(VARIABLE, {"MPD_PASSWORD": SECRET}, whose="mpd").reveal() == SECRET


def test_it_is_a_credential_of_the_service_where_the_variable_is_not_set(tmp_path: Path) -> None:
    (tmp_path / "vlc-password").write_text(SECRET)
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    found = find_password(PasswordVariable("VLC_PASSWORD"), environment, whose="vlc", credential="vlc-password")
    assert found.reveal() == SECRET


def test_where_there_is_none_both_ways_to_give_one_are_said() -> None:
    expected = "mpd password: the environment variable MPD_PASSWORD is not set; set it, or say password_file: PATH"
    for environment in ({}, {"MPD_PASSWORD": ""}, {"CREDENTIALS_DIRECTORY": "/run/credentials"}):
        with pytest.raises(FeedTrouble, match=expected):
            find_password(VARIABLE, environment, whose="mpd")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"hunter2\nplay", b"hunter2\x00", b"hunter2\xff", b"hunter2\x1b", b"hunter2\tbed", b"hunter2" * 999],
)
def test_what_can_be_no_password_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    """A line break in it would be a second command to MPD."""
    with pytest.raises(FeedTrouble) as trouble:
        find_password(file_with(tmp_path, content), {}, whose="mpd")
    assert "hunter2" not in str(trouble.value)
    assert str(tmp_path) in str(trouble.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedTrouble, match="none: no such file; expected a file with the password alone"):
        find_password(PasswordFile(tmp_path / "none"), {}, whose="vlc")
    with pytest.raises(FeedTrouble, match="is a directory"):
        find_password(PasswordFile(tmp_path), {}, whose="vlc")


def test_a_file_that_others_can_read_is_doubted(tmp_path: Path) -> None:
    assert "chmod 600" in doubts_about(file_with(tmp_path, b"hunter2", mode=0o640))
    assert doubts_about(file_with(tmp_path, b"hunter2")) == ""
    assert doubts_about(VARIABLE) == doubts_about(None) == ""
