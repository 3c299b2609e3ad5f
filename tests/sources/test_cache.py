"""I17, H8, H9: the cache when all is well, when its files are damaged, and when the disk does not want to."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.core.units import WallNs
from beatsync.errors import UsageError
from beatsync.sources.cache import Absent, Cache, Cached, _packed, _unpacked
from tests.sources.documents import ASSET, NO_ASSET_IDS, OTHER_ASSET, document

THEN = WallNs(1_700_000_000_000_000_000)


def stored(folder: Path, content: bytes = b'{"a": 1}') -> Cache:
    cache = Cache(folder)
    assert cache.store(ASSET, content, THEN) == ()
    return cache


def test_what_is_stored_is_read_byte_for_byte(tmp_path: Path) -> None:
    cache = stored(tmp_path / "deep" / "cache", document())
    assert cache.read(ASSET) == Cached(document(), THEN)


def test_what_was_never_stored_is_absent_without_a_word(tmp_path: Path) -> None:
    assert Cache(tmp_path / "nowhere").read(ASSET) == Absent()
    assert stored(tmp_path).read(OTHER_ASSET) == Absent()


def test_storing_again_replaces_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    cache = stored(tmp_path)
    cache.store(ASSET, b"second", THEN)
    assert cache.read(ASSET) == Cached(b"second", THEN)
    assert list(tmp_path.iterdir()) == [cache.path_of(ASSET)]


def test_a_cached_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    cache = stored(tmp_path / "cache")
    assert cache.path_of(ASSET).stat().st_mode & 0o077 == 0
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("asset_id", NO_ASSET_IDS)
def test_no_asset_id_reaches_a_file_name_but_digits(tmp_path: Path, asset_id: str) -> None:
    """K7."""
    with pytest.raises(UsageError, match="expected 1 to 20 digits"):
        Cache(tmp_path).path_of(asset_id)


@given(data=st.data())
def test_no_flipped_bit_no_cut_and_no_addition_gives_another_document(data: st.DataObject) -> None:
    """I17."""
    whole = _packed(ASSET, b'{"beats": [1, 2, 3]}', THEN)
    position = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "add"])):
        case "flip":
            flipped = whole[position] ^ 1 << data.draw(st.integers(min_value=0, max_value=7))
            damaged = whole[:position] + bytes([flipped]) + whole[position + 1 :]
        case "cut":
            damaged = whole[:position]
        case _:
            damaged = whole[:position] + data.draw(st.binary(min_size=1)) + whole[position:]
    assert isinstance(_unpacked(damaged, ASSET), str) or damaged == whole


@given(st.binary(max_size=400))
def test_no_rubbish_in_a_file_gives_a_document(rubbish: bytes) -> None:
    """I17."""
    assert isinstance(_unpacked(rubbish, ASSET), str)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (_packed(ASSET, b"{}", THEN)[:-1], "is damaged"),
        (_packed(OTHER_ASSET, b"{}", THEN), f"is of asset {OTHER_ASSET}"),
        (_packed(ASSET, b"{}", THEN).replace(b"document 1", b"document 2"), "is of version 2, expected 1"),
        (b"beatsync track document 3\nsomething else\n", "is of an unknown version"),
        (b"", "is no track document of beatsync"),
        (b"\x00" * 4096, "is no track document of beatsync"),
        (b" " * (MAX_DOCUMENT_BYTES + 257), "is larger than any document"),
    ],
)
def test_a_file_that_cannot_be_used_is_set_aside_and_said(tmp_path: Path, content: bytes, problem: str) -> None:
    """I17."""
    cache = stored(tmp_path)
    path = cache.path_of(ASSET)
    path.write_bytes(content)
    found = cache.read(ASSET)
    assert isinstance(found, Absent)
    assert problem in str(found.notes[0])
    assert str(path.with_suffix(".bad")) in str(found.notes[0])
    assert path.with_suffix(".bad").read_bytes() == content
    assert cache.read(ASSET) == Absent()


def test_a_file_that_cannot_be_moved_away_is_ignored(tmp_path: Path) -> None:
    """I17: the name it would move to is taken by a folder, which binds root as well."""
    cache = stored(tmp_path)
    path = cache.path_of(ASSET)
    path.write_bytes(b"rubbish")
    path.with_suffix(".bad").mkdir()
    found = cache.read(ASSET)
    assert isinstance(found, Absent)
    assert "could not be moved away (is a directory)" in str(found.notes[0])


def test_a_folder_in_the_place_of_a_file_is_ignored_and_said(tmp_path: Path) -> None:
    """I17."""
    cache = Cache(tmp_path)
    cache.path_of(ASSET).mkdir(parents=True)
    found = cache.read(ASSET)
    assert isinstance(found, Absent)
    assert "cannot be read (is a directory" in str(found.notes[0])
    (note,) = cache.store(ASSET, b"{}", THEN)
    assert "could not be stored" in str(note)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_keeps_the_earlier_copy_and_leaves_no_half_written_one(tmp_path: Path) -> None:
    """H8: a limit on the size of files makes write() fail in the middle, as a full disk does, and needs no root."""
    stored(tmp_path, b"earlier")
    program = f"""
        import resource
        from pathlib import Path
        from beatsync.core.units import WallNs
        from beatsync.sources.cache import Cache
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
        (note,) = Cache(Path({str(tmp_path)!r})).store({ASSET!r}, bytes(200_000), WallNs(0))
        print(note)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert "could not be stored" in run.stdout
    assert "file too large" in run.stdout
    assert run.stderr == ""
    cache = Cache(tmp_path)
    assert cache.read(ASSET) == Cached(b"earlier", THEN)
    assert list(tmp_path.iterdir()) == [cache.path_of(ASSET)]


@pytest.mark.parametrize("folder", ["a-file/cache", "a-file", "/proc/beatsync", "/dev/null/cache"])
def test_a_place_that_cannot_be_written_to_is_a_note(tmp_path: Path, folder: str) -> None:
    """H9: places that refuse even root."""
    (tmp_path / "a-file").touch()
    cache = Cache(tmp_path / folder)
    (note,) = cache.store(ASSET, b"{}", THEN)
    assert "could not be stored in" in str(note)
    assert isinstance(cache.read(ASSET), Absent)


def test_a_folder_that_vanishes_is_made_again(tmp_path: Path) -> None:
    """H9."""
    cache = stored(tmp_path / "cache")
    cache.path_of(ASSET).unlink()
    (tmp_path / "cache").rmdir()
    assert cache.read(ASSET) == Absent()
    assert cache.store(ASSET, b"again", THEN) == ()
    assert cache.read(ASSET) == Cached(b"again", THEN)
