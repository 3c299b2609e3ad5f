"""The cues of the next seconds, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from trio.testing import MockClock

from beatsync.control.board import MAX_WAITING
from tests.control.office import TWO_DECKS, Office, complaint, office
from tests.control.test_commands import LIGHTS_AND_VISUALS

GOOD_CURSOR = "abc~main.1.0.5"


async def ask(show: Office, what: str = "cues", **query: str) -> Mapping[str, Any]:
    """What lies ahead."""
    answer = await show.client.get(f"/v1/{what}", params=query)
    assert answer.status_code == 200, answer.text
    record: Mapping[str, Any] = answer.json()
    return record


def told(record: Mapping[str, Any]) -> list[str]:
    """Each cue with how long it takes from when the answer left."""
    return [f"{cue['due'] - record['clock']['sent']:.3f} {cue['address']} {cue['args']}" for cue in record["cues"]]


async def test_each_cue_has_its_instant_on_the_daemon_s_clock(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with office(tmp_path) as show:
        await show.tell("seek", {"position": 0.75})
        await show.tell("play")
        before = show.booth.clock.now() / 1e9
        record = await ask(show, ahead="1s")
    assert told(record) == ["0.250 /beat [1, 3]", "0.750 /beat [1, 4]"]
    assert record["clock"]["received"] == record["clock"]["sent"] == pytest.approx(before)
    course = record["decks"]["main"]
    assert (course["playback"], course["position"], course["rate"], course["anew"]) == ("playing", 0.75, 1, True)
    assert record["until"] == pytest.approx(before + 1)
    assert record["cues"][0] | {"id": "", "generation": "", "due": 0} == {
        "id": "",
        "deck": "main",
        "generation": "",
        "due": 0,
        "position": 1,
        "target": "lights",
        "address": "/beat",
        "types": ",ii",
        "args": [1, 3],
        "kind": "pulse",
        "phase": "start",
        "look": "/beat",
        "why": "rules[0] · Intro · bar 1.3",
    }


async def test_whoever_asks_once_a_second_gets_every_cue_that_is_sent_once(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Through a seek, a pause and a change of rate; each at the instant at which it was sent."""
    async with office(tmp_path) as show:
        cues: dict[str, Mapping[str, Any]] = {}
        cursor: dict[str, str] = {}

        async def poll() -> None:
            record = await ask(show, ahead="3s", **cursor)
            cursor["after"] = record["cursor"]
            course = record["decks"]["main"]
            if course["void_after"] is not None:
                for key, cue in list(cues.items()):
                    if cue["generation"] != course["generation"] and cue["due"] > course["void_after"]:
                        del cues[key]
            cues.update({cue["id"]: cue for cue in record["cues"]})

        await poll()
        for what, body, seconds in (
            ("play", None, 2.3),
            ("seek", {"position": 0.2}, 1.4),
            ("pause", None, 3.0),
            ("play", None, 1.9),
            ("rate", {"rate": 1.5}, 2.0),
            ("stop", None, 1.0),
        ):
            await show.tell(what, body)
            for _ in range(int(seconds) + 1):
                await trio.sleep(seconds / (int(seconds) + 1))
                await poll()
        sent = [report.outcome for report in show.booth.reports if report.outcome.to_send]
        now = show.booth.clock.now() / 1e9
        known = sorted(cue["due"] for cue in cues.values() if cue["due"] <= now)
        assert known == pytest.approx([outcome.due / 1e9 for outcome in sent], abs=1e-6)
        assert len(sent) > 12


async def test_a_request_that_waits_is_answered_when_the_next_cue_comes_into_sight(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with office(tmp_path) as show:
        await show.tell("play")
        first = await ask(show, ahead="1.1s")
        before = show.booth.clock.now()
        second = await ask(show, ahead="1.1s", after=first["cursor"], wait="20s")
        assert [cue["position"] for cue in second["cues"]] == [1.5]
        assert 0.3e9 < show.booth.clock.now() - before < 0.6e9


async def test_a_request_that_waits_is_answered_at_once_by_a_seek_and_after_its_time_by_nothing(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with office(tmp_path) as show:
        first = await ask(show)
        before = show.booth.clock.now()
        nothing = await ask(show, after=first["cursor"], wait="20s")
        course = nothing["decks"]["main"]
        assert (nothing["cues"], course["anew"], course["void_after"]) == ([], False, None)
        assert show.booth.clock.now() - before == pytest.approx(20e9, rel=0.01)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(show.tell, "seek", {"position": 1})
            sought = await ask(show, after=nothing["cursor"], wait="20s")
        assert sought["decks"]["main"]["generation"] != first["decks"]["main"]["generation"]
        assert show.booth.clock.now() - before < 21e9


async def test_the_cues_of_one_target_alone(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with office(tmp_path, LIGHTS_AND_VISUALS) as show:
        await show.tell("play")
        for target in ("lights", "visuals"):
            record = await ask(show, target=target)
            assert {cue["target"] for cue in [*record["cues"], *record["standing"]]} == {target}


async def test_without_a_deck_s_name_it_is_all_that_goes_out_through_a_hand_over(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Each cue of the old deck up to the beat, each of the new one from it on, and the old one's looks are ended."""
    async with office(tmp_path, TWO_DECKS) as show:
        await show.tell("decks/a/play")
        await show.tell("decks/b/seek", {"position": 4.1})
        await show.tell("decks/b/play")
        assert (await ask(show, "decks/b/cues"))["cues"] == []
        first = await ask(show, ahead="2s")
        assert {cue["deck"] for cue in first["cues"]} == {"a"}
        await show.tell("decks/b/on-air", {"when": "beat"})
        await trio.sleep(1)
        second = await ask(show, ahead="1s", after=first["cursor"])
        a, b = second["decks"]["a"], second["decks"]["b"]
        assert a["void_after"] == b["void_after"] == pytest.approx(first["clock"]["sent"] + 0.4, abs=0.01)
        assert {cue["deck"] for cue in second["cues"]} == {"b"}
        sent = [report.outcome for report in show.booth.reports if report.outcome.to_send]
        kept = [cue["due"] for cue in first["cues"] if cue["due"] <= a["void_after"]]
        told, now = [*kept, *(cue["due"] for cue in second["cues"])], show.booth.clock.now() / 1e9
        assert sorted(due for due in told if due <= now) == pytest.approx([outcome.due / 1e9 for outcome in sent][1:])


async def test_a_cursor_of_another_run_begins_anew(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        assert (await ask(show, after=GOOD_CURSOR))["decks"]["main"]["anew"] is True


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"after": "x y"}, "after: expected the cursor of the last answer"),
        ({"after": "abc~main.1.0.-5"}, "after: expected the cursor"),
        ({"after": "abc~main.1.0.\u0665"}, "after: expected the cursor"),
        ({"ahead": "61s"}, "ahead: expected at most 60s"),
        ({"ahead": "10"}, "ahead: expected a duration with its unit"),
        ({"ahead": "-1s"}, "ahead: expected at most 60s and not less than 0s"),
        ({"wait": "26s"}, "wait: expected at most 25s"),
        ({"ahaed": "1s"}, "unknown key 'ahaed' (did you mean 'ahead'?)"),
    ],
)
async def test_what_makes_no_sense_in_the_url_is_said(query: dict[str, str], says: str, tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        status, code, message = complaint(await show.client.get("/v1/cues", params=query))
        assert (status, code) == (400, "invalid")
        assert says in message
        assert complaint(await show.client.get("/v1/decks/x/cues"))[0] == 404
        nowhere = complaint(await show.client.get("/v1/cues", params={"target": "nope"}))
        assert nowhere[0] == 404
        assert "there is no target 'nope'; there are " in nowhere[2]


async def test_so_many_may_wait_and_commands_still_come_through(tmp_path: Path) -> None:
    """K5"""
    async with office(tmp_path) as show, trio.open_nursery() as nursery:
        async with show.over_tcp() as client:
            cursor = (await client.get("/v1/cues")).json()["cursor"]
            asked: list[httpx.Response] = []

            async def wait() -> None:
                asked.append(await client.get("/v1/cues", params={"after": cursor, "wait": "25s"}))

            for _ in range(MAX_WAITING + 1):
                nursery.start_soon(wait)
            with trio.fail_after(30):
                while not asked:
                    await trio.sleep(0.01)
            assert complaint(asked[0])[:2] == (503, "busy")
            assert (await client.post("/v1/play")).status_code == 200
            with trio.fail_after(30):
                while len(asked) < MAX_WAITING + 1:
                    await trio.sleep(0.01)
        nursery.cancel_scope.cancel()


async def test_the_track_of_a_deck_is_told_with_its_sections(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        track = await ask(show, "decks/main/track")
        assert (track["duration"], track["bpm"]) == (8, 120)
        assert [(one["name"], one["start"], one["end"]) for one in track["sections"]] == [
            ("Intro", 0, 4),
            ("Drop", 4, 8),
        ]
