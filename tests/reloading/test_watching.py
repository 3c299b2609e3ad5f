"""Watching: when an edit is put into force, in virtual time; and real files under the hands of real editors."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio
import trio.lowlevel
from trio.testing import MockClock

from beatsync.config.read import read_config_file
from beatsync.decks.commands import Lock
from beatsync.reloading.files import Look, files_of, look_at
from beatsync.reloading.stirring import matters, told_of
from beatsync.reloading.watching import SETTLED_SECONDS, Watching
from tests.decks.booth import SHOW, Booth, one_deck

NEW = one_deck(rules="rules: [{on: beat, send: {address: /new}}]")
POLL_SECONDS = 2


class Watched(Booth):
    """A booth whose files are watched; `happened` is set by whoever plays the operating system."""

    def watch(self) -> None:
        self.happened = trio.Event()
        watching = Watching(self.reloading, self.desk, tell=self.news.append, told_of=self._told_of)
        self.nursery.start_soon(watching.run)

    @contextmanager
    def _told_of(self, _look: Look, event: trio.Event) -> Iterator[None]:
        self.happened = event
        yield

    def write(self, text: str, *, tell: bool = True) -> None:
        """Somebody writes the configuration."""
        self.written = text
        number = self.files[SHOW][3] + 1 if SHOW in self.files else 1
        self.files[SHOW] = (0, 0, len(text), number)
        if tell:
            self.happened.set()

    @property
    def reloads(self) -> list[str]:
        return [news.text for news in self.news if news.event == "reload"]


@pytest.fixture  # each test asks for autojump_clock too: time is virtual only where the test itself does
async def booth(nursery: trio.Nursery, autojump_clock: MockClock) -> Watched:
    booth = Watched(nursery, one_deck(), files={SHOW: (0, 0, 1, 0)})
    booth.watch()
    await trio.sleep(10)
    return booth


async def test_an_edit_goes_live_once_it_has_settled(booth: Watched, autojump_clock: MockClock) -> None:
    booth.write(NEW)
    await trio.sleep(SETTLED_SECONDS / 2)
    assert booth.reloads == []
    await trio.sleep(SETTLED_SECONDS)
    assert booth.reloads == ["reloaded: rules: changed rules[0]"]


async def test_a_burst_of_writes_is_one_reload_and_what_is_half_written_is_no_error(
    booth: Watched, autojump_clock: MockClock
) -> None:
    """C11."""
    for length in range(0, len(NEW), 10):
        booth.write(NEW[:length])
        await trio.sleep(SETTLED_SECONDS / 2)
    booth.write(NEW)
    await trio.sleep(10)
    assert booth.reloads == ["reloaded: rules: changed rules[0]"]


async def test_what_stays_half_written_is_said_once_and_changes_nothing(
    booth: Watched, autojump_clock: MockClock
) -> None:
    booth.write(NEW[:-8])
    await trio.sleep(60)
    (said,) = booth.reloads
    assert said.startswith("not reloaded: ")
    booth.write(NEW)
    await trio.sleep(1)
    assert booth.reloads[1:] == ["reloaded: rules: changed rules[0]"]


async def test_a_disk_that_reports_nothing_is_looked_at_every_few_seconds(
    booth: Watched, autojump_clock: MockClock
) -> None:
    booth.write(NEW, tell=False)
    await trio.sleep(POLL_SECONDS + 2 * SETTLED_SECONDS)
    assert booth.reloads == ["reloaded: rules: changed rules[0]"]


async def test_while_the_show_is_locked_an_edit_is_noted_and_goes_live_when_it_is_unlocked(
    booth: Watched, autojump_clock: MockClock
) -> None:
    await booth.desk.do(Lock())
    booth.write(NEW)
    await trio.sleep(60)
    assert booth.reloads == []
    (noted,) = [news for news in booth.news if news.event == "edited"]
    assert noted.text == f"edited: {SHOW}; the show is locked: read when it is unlocked"
    await booth.desk.do(Lock(on=False))
    await trio.sleep(1)
    assert booth.reloads == ["reloaded: rules: changed rules[0]"]


async def test_an_edit_that_is_taken_back_while_the_show_is_locked_is_nothing(
    booth: Watched, autojump_clock: MockClock
) -> None:
    before, text = dict(booth.files), booth.written
    await booth.desk.do(Lock())
    booth.write(NEW)
    await trio.sleep(5)
    booth.written, booth.files = text, before
    await booth.desk.do(Lock(on=False))
    await trio.sleep(5)
    assert booth.reloads == []


async def test_what_a_command_has_read_already_is_not_read_again(booth: Watched, autojump_clock: MockClock) -> None:
    booth.write(NEW)
    await booth.edit(NEW)
    await trio.sleep(10)
    assert booth.reloads == ["reloaded: rules: changed rules[0]"]


async def test_where_the_configuration_says_so_nothing_is_watched(booth: Watched, autojump_clock: MockClock) -> None:
    off = one_deck() + "reload: {watch: false}\n"
    booth.write(off)
    await trio.sleep(5)
    booth.write(NEW)
    await trio.sleep(60)
    assert booth.reloads == ["reloaded: reload: how files are watched"]
    await booth.edit(NEW)
    booth.write(off)
    await trio.sleep(5)
    assert len(booth.reloads) == 3


# Real files

SHOW_TEXT = """
setlist: tracks.yaml
targets: {lights: 'osc.udp://127.0.0.1:7700'}
"""


def write_show(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "show.yaml").write_text(SHOW_TEXT)
    (folder / "tracks.yaml").write_text('[a.json, {audioscape: "1843209165"}]\n')
    (folder / "a.json").write_text("{}")
    return folder / "show.yaml"


def in_place(path: Path) -> None:
    """As `echo >` and nano do it."""
    path.write_text(path.read_text() + "# edited\n")


def by_rename(path: Path) -> None:
    """As vim, most editors and rsync do it."""
    new = path.with_suffix(".new")
    new.write_text(path.read_text() + "# edited\n")
    new.replace(path)


def by_way_of_a_backup(path: Path) -> None:
    """As vim does it with backupcopy=no: the old one is moved away first."""
    text = path.read_text()
    path.rename(path.with_suffix(".bak"))
    path.write_text(text + "# edited\n")


def in_a_new_folder(path: Path) -> None:
    """As a checkout of another version may do it."""
    text = path.read_text()
    folder = path.parent
    shutil.move(folder, folder.with_name("gone"))
    folder.mkdir()
    for other in folder.with_name("gone").iterdir():
        shutil.copy(other, folder)
    path.write_text(text + "# edited\n")


EDITS = [in_place, by_rename, by_way_of_a_backup, in_a_new_folder]


async def changed(before: Look, path: Path, env: dict[str, str], happened: trio.Event) -> set[str]:
    """The files that are others than before, once the system has told of something, or a poll is due."""
    configuration = read_config_file(path)
    with trio.fail_after(30):
        while True:
            with trio.move_on_after(POLL_SECONDS):
                await happened.wait()
            now = await look_at(configuration, env)
            if now != before:
                return {file.name for file in now.files if now.files[file] != before.files.get(file)}
            await trio.sleep(0.01)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", ["show.yaml", "tracks.yaml"])
async def test_every_way_of_editing_a_file_is_noticed(edit: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    path = write_show(tmp_path / "shows")
    env = {"BEATSYNC_CACHE": str(tmp_path / "cache")}
    before = await look_at(read_config_file(path), env)
    happened = trio.Event()
    with told_of(before, happened):
        edit(path.with_name(name))
        assert name in await changed(before, path, env, happened)


async def test_a_folder_that_is_exchanged_behind_a_link_is_noticed(tmp_path: Path) -> None:
    """As Kubernetes does it: `..data` leads to a folder of the day, and is exchanged as a whole."""
    for day in ("..1", "..2"):
        write_show(tmp_path / day)
    (tmp_path / "..data").symlink_to("..1")
    for name in ("show.yaml", "tracks.yaml", "a.json"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    path, env = tmp_path / "show.yaml", {"BEATSYNC_CACHE": str(tmp_path / "cache")}
    before = await look_at(read_config_file(path), env)
    happened = trio.Event()
    with told_of(before, happened):
        (tmp_path / "..new").symlink_to("..2")
        (tmp_path / "..new").replace(tmp_path / "..data")
        assert await changed(before, path, env, happened) == {"show.yaml", "tracks.yaml", "a.json"}


async def test_the_system_tells_at_once(tmp_path: Path) -> None:
    """Nobody waits for a poll here."""
    path = write_show(tmp_path)
    look = await look_at(read_config_file(path), {"BEATSYNC_CACHE": str(tmp_path)})
    happened = trio.Event()
    with told_of(look, happened), trio.fail_after(30):
        while not happened.is_set():
            by_rename(path)  # until the watch is there
            with trio.move_on_after(0.5):
                await happened.wait()


async def test_a_log_that_is_written_beside_the_files_wakes_nobody(tmp_path: Path) -> None:
    path = write_show(tmp_path)
    (tmp_path / "link.yaml").symlink_to(path)
    look = await look_at(read_config_file(tmp_path / "link.yaml"), {"BEATSYNC_CACHE": str(tmp_path)})
    stirred = [name for name in ("show.yaml", "link.yaml", "a.json", "show.log") if matters(tmp_path / name, look)]
    assert stirred == ["show.yaml", "link.yaml", "a.json"]
    assert matters(tmp_path, look)


async def test_folders_that_cannot_be_watched_are_no_trouble(tmp_path: Path) -> None:
    happened = trio.Event()
    with told_of(Look({}, {tmp_path / "gone": 1}), happened):
        await trio.lowlevel.checkpoint()
    assert not happened.is_set()


def test_a_show_is_its_configuration_its_set_lists_its_tracks_and_the_copies_of_its_assets(tmp_path: Path) -> None:
    path = write_show(tmp_path)
    files = files_of(read_config_file(path), {"BEATSYNC_CACHE": str(tmp_path / "cache")})
    assert {file.name for file in files if file.parent == tmp_path} == {"show.yaml", "tracks.yaml", "a.json"}
    assert [file.suffix for file in files if file.parent != tmp_path] == [".track"]


async def test_links_that_lead_to_each_other_are_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = write_show(tmp_path)
    configuration = read_config_file(path)
    (tmp_path / "a.json").unlink()
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")
    look = await look_at(configuration, {"BEATSYNC_CACHE": str(tmp_path)})
    assert look.files[tmp_path / "a.json"] is None
