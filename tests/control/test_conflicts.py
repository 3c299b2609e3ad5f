"""Two operators, and commands that are sent twice. K10."""

from __future__ import annotations

from pathlib import Path

import trio
from trio.testing import MockClock

from beatsync.control.replays import MOST, Answer, Replays
from tests.control.office import complaint, deck, office
from tests.control.test_commands import SETLIST, THREE


async def test_a_double_go_with_one_key_is_one_go_with_one_answer(tmp_path: Path) -> None:
    """K10"""
    async with office(tmp_path, SETLIST, tracks=THREE) as show:
        first = await show.tell("next", idempotency_key='"7c9e"')
        again = await show.tell("next", idempotency_key="7c9e")
        assert deck(await show.tell("pause"))["place"] == 1
        assert first.json() == again.json()
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"


async def test_what_was_refused_is_refused_again_with_the_same_key(tmp_path: Path) -> None:
    """K10: the first answer is the answer, also where things have changed since."""
    async with office(tmp_path) as show:
        await show.tell("lock")
        first = await show.tell("load", {"track": "song.json"}, idempotency_key="load-1")
        await show.tell("lock", {"on": False})
        again = await show.tell("load", {"track": "song.json"}, idempotency_key="load-1")
        assert complaint(first) == complaint(again) == (409, "refused", "the show is locked; unlock it first")
        assert (await show.tell("load", {"track": "song.json"}, idempotency_key="load-2")).status_code == 200


async def test_one_key_for_two_commands_is_refused(tmp_path: Path) -> None:
    """K10"""
    async with office(tmp_path) as show:
        await show.tell("seek", {"position": 1}, idempotency_key="k")
        other = complaint(await show.tell("seek", {"position": 2}, idempotency_key="k"))
        assert other[:2] == (422, "key_used_twice")
        assert (await show.status())["decks"]["main"]["position"] == 1
        assert complaint(await show.tell("play", idempotency_key="x" * 200))[:2] == (400, "invalid")


async def test_whoever_has_seen_an_older_revision_is_told_who_was_there_first(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """K10: stop and play at the same moment, by two people who both saw it paused."""
    async with office(tmp_path) as show:
        seen = (await show.tell("seek", {"position": 1})).json()["revision"]
        assert (await show.tell("stop", if_match=f'"{seen}"')).status_code == 200
        await trio.sleep(2.1)
        status, code, message = complaint(await show.tell("play", if_match=f'"{seen}"'))
        assert (status, code) == (409, "stale")
        assert "the last command was stop, from the control socket, 2.1 s ago" in message
        now = await show.status()
        assert now["decks"]["main"]["playback"] == "armed"
        assert (await show.tell("play", if_match=now["revision"])).status_code == 200
        assert (await show.tell("pause", if_match="*")).status_code == 200


async def test_every_command_makes_a_new_revision_and_looking_does_not(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        revisions = {(await show.status())["revision"], (await show.status())["revision"]}
        assert len(revisions) == 1
        for what in ("play", "play", "pause", "lock"):
            revisions.add((await show.tell(what)).json()["revision"])
        assert len(revisions) == 5


async def test_two_gos_at_once_are_two_tracks_further(tmp_path: Path) -> None:
    """K10: serialised; whoever means one go sends one key."""
    async with office(tmp_path, SETLIST, tracks=THREE) as show:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(show.tell, "next")
            nursery.start_soon(show.tell, "next")
        assert (await show.status())["decks"]["main"]["place"] == 2


async def test_a_key_that_comes_again_before_the_first_answer_waits_for_it() -> None:
    made = 0
    go = trio.Event()

    async def make() -> Answer:
        nonlocal made
        made += 1
        await go.wait()
        return Answer(200, b"done")

    async with trio.open_nursery() as nursery:
        replays = Replays(nursery)
        answers: list[tuple[Answer, bool]] = []

        async def ask() -> None:
            answers.append(await replays.answer("k", b"next", make=make))

        nursery.start_soon(ask)
        nursery.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        go.set()
    assert made == 1
    assert sorted(is_old for _, is_old in answers) == [False, True]


async def test_the_memory_of_answers_is_bounded() -> None:
    async def make() -> Answer:
        await trio.lowlevel.checkpoint()
        return Answer(200, b"")

    async with trio.open_nursery() as nursery:
        replays = Replays(nursery)
        for number in range(MOST + 1):
            await replays.answer(str(number), b"", make=make)
        assert len(replays._done) == MOST
        assert (await replays.answer("1", b"", make=make))[1] is True
        assert (await replays.answer("0", b"", make=make))[1] is False
