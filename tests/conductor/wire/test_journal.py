"""The journal: whatever is left of it, a successor either goes on or starts from nothing."""

from __future__ import annotations

from pathlib import Path

from beatsync.conductor.conductor import Conductor
from beatsync.conductor.process.keeper import FRESH_FOR, JOURNAL, Coming, Keeper
from beatsync.conductor.wire.journal import FORMAT, JournalFile
from beatsync.core.units import HostNs
from tests.conductor.test_succession import HandClock
from tests.core.shows import TARGET

BOOT = "3e0b5bbd-7a0a-4c0b-8a5e-3f0f8e6a2c11"
ALIVE = HostNs(10**12)


def leave(folder: Path) -> None:
    """What a conductor that has been alive at ALIVE leaves."""
    keeper = Keeper(folder, lambda _: None)
    keeper.find()
    conductor = Conductor((TARGET,), clock=HandClock(ALIVE), report=keeper.note, journal=keeper)
    keeper.follow((TARGET,), "show", conductor.memory)
    keeper.expect(Coming(number=1))
    keeper.applied(())
    keeper.stamp(BOOT, ALIVE)
    keeper.close(politely=False)


def is_gone_on_from(folder: Path, boot: str, now: int) -> bool:
    keeper = Keeper(folder, lambda _: None)
    left = keeper.find(boot, HostNs(now))
    keeper.close(politely=False)
    return left is not None


def test_a_successor_goes_on_from_what_was_alive_a_moment_ago(tmp_path: Path) -> None:
    leave(tmp_path)
    assert is_gone_on_from(tmp_path, BOOT, ALIVE + FRESH_FOR)


def test_a_show_of_yesterday_does_not_start_by_itself(tmp_path: Path) -> None:
    leave(tmp_path)
    assert not is_gone_on_from(tmp_path, BOOT, ALIVE + FRESH_FOR + 1)
    assert not is_gone_on_from(tmp_path, BOOT, ALIVE), "it was thrown away"


def test_after_a_reboot_the_instants_of_the_journal_mean_nothing(tmp_path: Path) -> None:
    """Where the runtime directory is on a disk."""
    leave(tmp_path)
    assert not is_gone_on_from(tmp_path, "another", ALIVE + 1)
    leave(tmp_path)
    assert not is_gone_on_from(tmp_path, BOOT, ALIVE - 1)


def test_a_journal_of_another_format_is_not_gone_on_from(tmp_path: Path) -> None:
    """L9."""
    leave(tmp_path)
    data = bytearray((tmp_path / JOURNAL).read_bytes())
    for other in (FORMAT - 1, FORMAT + 1):
        data[8:12] = other.to_bytes(4, "little")
        (tmp_path / JOURNAL).write_bytes(data)
        assert not is_gone_on_from(tmp_path, BOOT, ALIVE)


def test_a_journal_that_is_cut_off_anywhere_is_either_whole_enough_or_nothing(tmp_path: Path) -> None:
    """L12: page by page, as a disk that lost power leaves it, and within the first page byte by byte."""
    leave(tmp_path)
    whole = (tmp_path / JOURNAL).read_bytes()
    for length in (*range(200), *range(4096, len(whole), 4096)):
        (tmp_path / JOURNAL).write_bytes(whole[:length])
        file = JournalFile(tmp_path / JOURNAL)
        found = file.find()
        assert found is None or (found.step == 1 and found.content)
        file.close()
