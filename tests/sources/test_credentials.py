"""C10: where the key is found, and that nothing ever shows it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from beatsync.errors import SourceRefused
from beatsync.secret import Secret
from beatsync.sources.credentials import find_api_key
from tests.sources.clients import KEY


def key_file(folder: Path, content: bytes = KEY.encode() + b"\n", mode: int = 0o600) -> Path:
    path = folder / "audioscape-api-key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_secret_shows_nothing_however_it_is_written() -> None:
    """C10."""
    secret = Secret(KEY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", "%s %r" % (secret, secret)]  # noqa: UP031
    assert not any(KEY in text for text in [*shown, repr([secret]), repr({"key": secret})])
    assert secret.reveal() == KEY


def test_the_environment_comes_first(tmp_path: Path) -> None:
    env = {"AUDIOSCAPE_API_KEY": "first", "AUDIOSCAPE_API_KEY_FILE": str(key_file(tmp_path))}
    assert find_api_key(env).key.reveal() == "first"


def test_a_named_file_is_read_without_the_line_break_at_its_end(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\r\n"):
        found = find_api_key({"AUDIOSCAPE_API_KEY_FILE": str(key_file(tmp_path, KEY.encode() + content))})
        assert found.key.reveal() == KEY
        assert found.notes == ()


def test_systemds_credential_is_found_and_its_mode_is_systemds_affair(tmp_path: Path) -> None:
    key_file(tmp_path, mode=0o444)
    found = find_api_key({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert found.key.reveal() == KEY
    assert found.notes == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o601])
def test_a_key_file_that_others_can_get_at_is_a_warning(tmp_path: Path, mode: int) -> None:
    """C10."""
    (note,) = find_api_key({"AUDIOSCAPE_API_KEY_FILE": str(key_file(tmp_path, mode=mode))}).notes
    assert f"mode {mode:04o}" in str(note)
    assert "chmod 600" in str(note)
    assert KEY not in str(note)


@pytest.mark.parametrize("empty_variable", [{}, {"AUDIOSCAPE_API_KEY": ""}])
def test_no_key_anywhere_is_refused_with_the_remedy(tmp_path: Path, empty_variable: dict[str, str]) -> None:
    """C10."""
    with pytest.raises(SourceRefused, match="no key; set AUDIOSCAPE_API_KEY"):
        find_api_key({"CREDENTIALS_DIRECTORY": str(tmp_path), **empty_variable})


def test_a_named_file_that_is_not_there_is_refused_even_where_systemd_has_one(tmp_path: Path) -> None:
    """C10."""
    key_file(tmp_path)
    with pytest.raises(SourceRefused, match="no such file"):
        find_api_key({"AUDIOSCAPE_API_KEY_FILE": "/nowhere/key", "CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_key_file_that_is_a_fifo_a_folder_or_huge_is_refused_without_waiting(tmp_path: Path) -> None:
    """C10."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "huge").write_bytes(b"x" * 5000)
    for path in (tmp_path / "fifo", tmp_path, tmp_path / "huge", Path("/dev/zero")):
        with pytest.raises(SourceRefused, match="cannot be read"):
            find_api_key({"AUDIOSCAPE_API_KEY_FILE": str(path)})


@pytest.mark.parametrize("bad", ["\n", " ", "\t", "\x00", "\x1b", "\x7f", "é", "\r\nX-Injected: 1"])
def test_a_key_that_cannot_travel_in_a_header_is_refused_without_being_shown(tmp_path: Path, bad: str) -> None:
    """C10."""
    text = f"{KEY}{bad}{KEY}"
    sources = [
        {"AUDIOSCAPE_API_KEY": text},
        {"AUDIOSCAPE_API_KEY_FILE": str(key_file(tmp_path, text.encode()))},
        {"CREDENTIALS_DIRECTORY": str(tmp_path)},
    ]
    for env in sources:
        with pytest.raises(SourceRefused, match="copy it again") as refused:
            find_api_key(env)
        assert KEY not in str(refused.value)


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="empty"):
        find_api_key({"AUDIOSCAPE_API_KEY_FILE": str(key_file(tmp_path, b"\n"))})
