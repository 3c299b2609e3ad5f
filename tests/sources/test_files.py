"""Track documents from files and standard input."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest

from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.errors import SourceError, TrackError
from beatsync.sources.files import load_file, load_file_blocking
from tests.sources.documents import ASSET, document


async def test_a_document_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "track.json"
    path.write_bytes(document())
    assert (await load_file(path, stdin=None)).track.asset_id == ASSET


async def test_a_dash_is_standard_input() -> None:
    assert (await load_file(Path("-"), stdin=io.BytesIO(document()))).track.asset_id == ASSET


def test_a_missing_file_is_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.json: no such file") as refused:
        load_file_blocking(tmp_path / "gone.json", stdin=None)
    assert refused.value.exit_code == 69


def test_what_is_no_regular_file_is_refused_unopened(tmp_path: Path) -> None:
    """A FIFO without a writer would be waited for, were it opened for reading in the ordinary way."""
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        expected = {
            tmp_path: "is a directory",
            tmp_path / "fifo": "is a FIFO",
            tmp_path / "socket": "is a socket",
            Path("/dev/zero"): "is a device",
        }
        for path, kind in expected.items():
            with pytest.raises(SourceError, match=kind):
                load_file_blocking(path, stdin=None)


@pytest.mark.parametrize("path", ["a\x00b", "x" * 5000, "loop"])
def test_a_path_that_the_system_will_not_have_is_an_error_of_one_line(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match="cannot be read") as refused:
        load_file_blocking(tmp_path / path, stdin=None)
    assert str(refused.value).isprintable()


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """I11."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a hole: reading it would take longer than the tests may
    with pytest.raises(TrackError, match="larger than 8,388,608 bytes"):
        load_file_blocking(path, stdin=None)


def test_standard_input_over_the_limit_is_refused() -> None:
    """I11."""
    with pytest.raises(TrackError, match="larger than 8,388,608 bytes"):
        load_file_blocking(Path("-"), stdin=io.BytesIO(b" " * (MAX_DOCUMENT_BYTES + 1)))


def test_standard_input_that_is_closed_or_missing_is_refused() -> None:
    closed = io.BytesIO()
    closed.close()
    for stream in (None, closed):
        with pytest.raises(SourceError, match="standard input: closed"):
            load_file_blocking(Path("-"), stdin=stream)


def test_standard_input_that_fails_is_refused(tmp_path: Path) -> None:
    """`beatsync plan - < folder`: the shell opens it, and only reading fails."""
    descriptor = os.open(tmp_path, os.O_RDONLY)

    class Folder(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return os.read(descriptor, size or 0)

    with pytest.raises(SourceError, match="is a directory"):
        load_file_blocking(Path("-"), stdin=Folder())
    os.close(descriptor)


def test_content_that_is_no_track_is_a_track_error_that_names_the_file(tmp_path: Path) -> None:
    """I1."""
    path = tmp_path / "cut.json"
    path.write_bytes(document()[:100])
    with pytest.raises(TrackError, match=r"cut\.json") as refused:
        load_file_blocking(path, stdin=None)
    assert refused.value.exit_code == 65
