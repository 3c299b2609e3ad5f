"""C10: where MPD's password is found, and that nothing shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.config.feeds.mpd import PasswordFile, PasswordVariable
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.mpd.password import doubts_about, read_password

VARIABLE = PasswordVariable("MPD_PASSWORD")


def file_with(folder: Path, content: bytes, *, mode: int = 0o600) -> PasswordFile:
    path = folder / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return PasswordFile(path)


@pytest.mark.parametrize("content", [b"hunter 2", b"hunter 2\n", b"hunter 2\r\n"])
def test_a_password_is_the_content_of_a_file(tmp_path: Path, content: bytes) -> None:
    assert read_password(file_with(tmp_path, content), {}) == "hunter 2"


def test_a_password_is_the_value_of_a_variable() -> None:
    assert read_password(VARIABLE, {"MPD_PASSWORD": "hunter2"}) == "hunter2"


@pytest.mark.parametrize("content", [b"", b"\n", b"hunter2\nplay", b"hunter2\x00", b"hunter2\xff", b"hunter2\x1b"])
def test_what_can_be_no_password_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    """A line break in it would be a second command."""
    with pytest.raises(FeedTrouble) as trouble:
        read_password(file_with(tmp_path, content), {})
    assert "hunter2" not in str(trouble.value)
    assert str(tmp_path) in str(trouble.value)


def test_a_password_that_is_not_there_is_said_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(FeedTrouble, match="the environment variable MPD_PASSWORD is not set"):
        read_password(VARIABLE, {})
    with pytest.raises(FeedTrouble, match="no such file; expected a file with the password alone"):
        read_password(PasswordFile(tmp_path / "none"), {})
    with pytest.raises(FeedTrouble, match="is a directory"):
        read_password(PasswordFile(tmp_path), {})


def test_a_file_that_others_can_read_is_doubted(tmp_path: Path) -> None:
    assert "chmod 600" in doubts_about(file_with(tmp_path, b"hunter2", mode=0o640))
    assert doubts_about(file_with(tmp_path, b"hunter2")) == ""
    assert doubts_about(VARIABLE) == doubts_about(None) == ""
