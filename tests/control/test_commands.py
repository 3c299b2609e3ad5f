"""Every command over the control socket, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from beatsync.control.app import MAX_BODY_BYTES
from tests.control.office import TWO_DECKS, complaint, deck, office
from tests.core.shows import song
from tests.decks.booth import BEATS, TARGETS

SETLIST = f"setlist: [one.json, two.json, three.json]\n{TARGETS}\n{BEATS}\n"
THREE = {"one.json": song("Intro 2"), "two.json": song("Drop 2"), "three.json": song("Outro 2")}
LIGHTS_AND_VISUALS = (
    "track: song.json\n"
    "targets:\n"
    "  lights: osc.udp://127.0.0.1:7700\n"
    "  visuals: {url: 'osc.udp://127.0.0.1:7701', safe: {address: /black}}\n"
)


async def test_playback_is_operated_and_each_answer_is_the_status_after_it(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        assert (await show.status())["decks"]["main"]["playback"] == "armed"
        assert deck(await show.tell("seek", {"position": 2.5}))["position"] == 2.5
        assert deck(await show.tell("play"))["playback"] == "playing"
        assert deck(await show.tell("rate", {"rate": 1.5}))["rate"] == 1.5
        assert deck(await show.tell("pause"))["playback"] == "paused"
        assert deck(await show.tell("stop"))["playback"] == "armed"
        assert deck(await show.tell("decks/main/play"))["playback"] == "playing"


async def test_a_deck_is_named_in_the_path_and_without_a_name_it_is_the_one_on_air(tmp_path: Path) -> None:
    async with office(tmp_path, TWO_DECKS) as show:
        answer = await show.tell("decks/b/play")
        assert (deck(answer, "a")["playback"], deck(answer, "b")["playback"]) == ("armed", "playing")
        assert deck(await show.tell("play"), "a")["playback"] == "playing"
        assert (await show.tell("decks/b/on-air", {"when": "now"})).json()["on_air"] == "b"
        assert deck(await show.tell("pause"), "b")["playback"] == "paused"


async def test_arming_gets_ready_at_the_top_and_never_interrupts(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        await show.tell("seek", {"position": 2.5})
        assert deck(await show.tell("arm"))["playback"] == "armed"
        await show.tell("play")
        assert complaint(await show.tell("arm")) == (409, "refused", "deck main plays; stop it first")
        assert (await show.status())["decks"]["main"]["playback"] == "playing"


async def test_the_set_list_is_stepped_through_and_other_tracks_are_loaded(tmp_path: Path) -> None:
    async with office(tmp_path, SETLIST, tracks=THREE) as show:
        assert deck(await show.tell("next"))["place"] == 1
        assert deck(await show.tell("next"))["place"] == 2
        assert complaint(await show.tell("next")) == (409, "refused", "this is the last track of the set list")
        assert deck(await show.tell("previous"))["place"] == 1
        loaded = deck(await show.tell("load", {"track": "/elsewhere/three.json"}))
        assert (loaded["track"], loaded["place"]) == ("/elsewhere/three.json", None)
        assert complaint(await show.tell("load", {"track": {"file": "none.json"}}))[:2] == (502, "source")
        assert deck(await show.tell("load", {"track": "two.json"}))["track"] == "/shows/two.json"


async def test_targets_are_muted_soloed_and_told_earlier(tmp_path: Path) -> None:
    async with office(tmp_path, LIGHTS_AND_VISUALS) as show:
        status = (await show.tell("targets/lights/mute")).json()
        assert (status["muted"], status["targets"]["lights"]["silent"]) == (["lights"], True)
        assert (await show.tell("targets/lights/mute", {"on": False})).json()["muted"] == []
        assert (await show.tell("targets/visuals/solo")).json()["targets"]["lights"]["silent"] is True
        assert (await show.tell("targets/visuals/solo", {"on": False})).json()["soloed"] == []
        lead = (await show.tell("targets/lights/lead", {"lead": "40ms", "track_lead": "-10ms"})).json()
        assert (lead["targets"]["lights"]["lead_ms"], lead["targets"]["lights"]["track_lead_ms"]) == (40, -10)
        assert complaint(await show.tell("targets/lights/lead"))[:2] == (400, "invalid")


async def test_a_panic_silences_everything_until_it_is_over(tmp_path: Path) -> None:
    async with office(tmp_path, LIGHTS_AND_VISUALS) as show:
        await show.tell("play")
        status = (await show.tell("panic")).json()
        assert (status["panic"], status["targets"]["lights"]["silent"]) == (True, True)
        assert show.booth.sent[-1] == "/black"
        assert (await show.tell("panic", {"on": False})).json()["panic"] is False


async def test_the_show_lock_refuses_edits_and_nothing_else(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        assert (await show.tell("lock")).json()["locked"] is True
        for what, body in (
            ("load", {"track": "song.json"}),
            ("targets/lights/lead", {"lead": "1ms"}),
            ("reload", None),
        ):
            refused = (409, "refused", "the show is locked; unlock it first")
            assert complaint(await show.tell(what, body)) == refused
        assert deck(await show.tell("play"))["playback"] == "playing"
        assert (await show.tell("lock", {"on": False})).json()["locked"] is False


async def test_faders_and_flags_put_decks_on_air_where_the_configuration_says_so(tmp_path: Path) -> None:
    async with office(tmp_path, f"on_air: {{by: fader, hand_over: now}}\n{TWO_DECKS}") as show:
        await show.tell("decks/a/fader", {"level": 0.5})
        assert (await show.tell("decks/b/fader", {"level": 0.9})).json()["on_air"] == "b"
        assert "on_air: {by: message}" in complaint(await show.tell("decks/a/flag"))[2]


async def test_quitting_answers_first(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        assert (await show.tell("quit")).status_code == 200
        assert show.left.is_set()


@pytest.mark.parametrize(
    ("what", "body", "status", "says"),
    [
        ("decks/c/play", None, 404, "there is no deck 'c'; there are main"),
        ("targets/lihgts/mute", None, 404, "there is no target 'lihgts'; there are lights"),
        ("seek", {"position": 9999}, 400, "seek to 2:46:39.000: the track ends at"),
        ("rate", {"rate": 12}, 400, "rate 12: expected 0.05 to 8"),
        ("rate", {"rate": 0}, 400, "rate: expected a number above 0, got 0"),
        ("targets/lights/lead", {"lead": "40"}, 400, "lead: expected a duration with its unit"),
        ("targets/lights/lead", {"lead": 40}, 400, "write 40ms or 40s"),
        ("load", {"track": {"audioscape": "../../etc"}}, 400, "an asset id as text"),
        ("load", {"track": {}}, 400, "expected one of file, audioscape"),
        ("load", {"track": "-"}, 400, "reads no track from standard input"),
        ("decks/main/on-air", {"when": "soon"}, 400, "when: expected 'now', 'beat' or 'bar', got text"),
        ("decks/main/on-air", None, 409, "there is one deck, and it is on air"),
        ("panic", {"on": 1}, 400, "on: expected true or false, got 1"),
        ("play", {"position": 1}, 400, "unknown key 'position' (known keys: none)"),
        ("seek", {"positoin": 1, "position": 2}, 400, "unknown key 'positoin' (did you mean 'position'?)"),
        ("next", None, 409, "there is no set list"),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    what: str, body: object, status: int, says: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as show:
        before = await show.status()
        code, _, message = complaint(await show.tell(what, body))
        assert code == status
        assert says in message
        assert "\n" not in message
        assert (await show.status())["revision"] == before["revision"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"position": "1"}',
        b'{"position": true}',
        b'{"position": -1}',
        b'{"position": 1e999}',
        b'{"position": NaN}',
        b'{"position": 86401}',
        b"\xff",
        b"[" * 5000,
    ],
)
async def test_a_seek_to_nowhere_is_refused_with_the_remedy_and_changes_nothing(body: bytes, tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        status, code, message = complaint(await show.client.post("/v1/seek", content=body))
        assert (status, code) == (400, "invalid")
        assert "position" in message
        assert show.booth.deck.state().position is None


@pytest.mark.parametrize(
    ("method", "path", "allow", "says"),
    [
        ("GET", "play", "POST", "curl --unix-socket SOCKET -X POST http://beatsync/v1/play"),
        ("GET", "decks/a%20b/play", "POST", "curl --unix-socket SOCKET -X POST http://beatsync/v1/decks/a%20b/play"),
        ("PUT", "seek/", "POST", """--json '{"position": 62.5}' http://beatsync/v1/seek"""),
        ("DELETE", "lock", "POST", "DELETE /v1/lock: this is a command, and is sent with POST"),
        ("POST", "status", "GET, HEAD", "this is read, with GET: curl --unix-socket SOCKET http://beatsync/v1/status"),
        ("POST", "events", "GET, HEAD", "this is read, with GET"),
        ("POST", "../", "GET, HEAD", "this is read, with GET"),
    ],
)
async def test_another_method_is_told_its_own_and_what_to_type(
    method: str, path: str, allow: str, says: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as show:
        answer = await show.client.request(method, f"/v1/{path}")
        status, code, message = complaint(answer)
        assert (status, code, answer.headers["allow"]) == (405, "not_allowed", allow)
        assert says in message
        assert show.booth.deck.state().playback == "armed"


async def test_over_tcp_what_to_type_has_the_port(tmp_path: Path) -> None:
    async with office(tmp_path) as show, show.over_tcp() as client:
        message = complaint(await client.get("/v1/play"))[2]
        assert message.endswith(f"with POST: curl -X POST http://127.0.0.1:{show.port}/v1/play")


async def test_a_slash_at_the_end_of_a_path_makes_no_difference(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        assert deck(await show.client.post("/v1/decks/main/play/"))["playback"] == "playing"
        assert (await show.client.get("/v1/status/")).json()["decks"]["main"]["playback"] == "playing"
        assert complaint(await show.client.get("/v1/nothing/"))[:2] == (404, "not_found")
        assert (await show.client.get("/")).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/play", "/v1/play"),
        ("/v1/deck/main/play", "/v1/decks/main/play"),
        ("/v1/target/lights/mute", "/v1/targets/lights/mute"),
        ("/v1/paly", "/v1/play"),
    ],
)
async def test_a_path_that_is_nearly_right_is_told_the_right_one(path: str, right: str, tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        assert f"did you mean {right}?" in complaint(await show.client.post(path))[2]


@pytest.mark.parametrize(
    ("what", "body", "key"),
    [
        ("seek", b'{"position": 1, "position": 2}', "position"),
        ("seek", b'{"position": 1, "posi\\u0074ion": 1}', "position"),
        ("lock", b'{"on": false, "on": true}', "on"),
        ("load", b'{"track": {"file": "song.json", "file": "two.json"}}', "file"),
        ("load", b'{"track": "two.json", "track": "song.json"}', "track"),
    ],
)
async def test_a_key_that_is_there_twice_is_refused_as_the_configuration_does(
    what: str, body: bytes, key: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as show:
        before = await show.status()
        expected = (400, "invalid", f"the key '{key}' is there twice in the body; keep one")
        assert complaint(await show.client.post(f"/v1/{what}", content=body)) == expected
        assert (await show.status())["revision"] == before["revision"]


async def test_other_paths_say_where_to_look(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        status, code, message = complaint(await show.client.get("/v1/nothing"))
        assert (status, code) == (404, "not_found")
        assert "/v1/openapi.json" in message
        assert complaint(await show.client.post("/v1/seek", content=b" " * (MAX_BODY_BYTES + 1)))[:2] == (
            413,
            "too_large",
        )


async def test_people_are_told_who_commanded_what(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        await show.tell("decks/main/play")
        await show.tell("lock")
        await show.tell("lock", {"on": False})
        await show.tell("targets/lights/mute")
        await show.tell("targets/lights/mute", {"on": False})
        for words in ("play (deck main)", "lock", "lock off", "mute (target lights)", "mute off (target lights)"):
            assert f"{words}, from the control socket" in show.booth.said


@pytest.mark.parametrize(
    ("what", "is_on", "is_off"),
    [
        ("targets/lights/mute", "target lights is muted already", "target lights is not muted"),
        ("targets/lights/solo", "target lights is soloed already", "target lights is not soloed"),
        ("panic", "there is a panic already; over with: beatsync panic --off", "there is no panic"),
        ("lock", "the show is locked already", "the show is not locked"),
    ],
)
async def test_what_is_so_already_is_said_and_neither_done_nor_told(
    what: str, is_on: str, is_off: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as show:
        for on, says in ((False, is_off), (True, is_on)):
            first = await show.tell(what, {"on": on})
            said, done = list(show.booth.said), list(show.booth.rig.told)
            again = await show.tell(what, {"on": on})
            assert (again.status_code, again.json()["outcome"]) == (200, says)
            assert again.json()["revision"] == first.json()["revision"]
            assert (show.booth.said, show.booth.rig.told) == (said, done)
        assert first.json()["outcome"] is None


async def test_whoever_leaves_before_the_answer_still_gets_it_done(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with office(tmp_path, SETLIST, tracks=THREE) as show:
        stream = await trio.open_unix_socket(str(show.path))
        await stream.send_all(b"POST /v1/next HTTP/1.1\r\nhost: beatsync\r\ncontent-length: 0\r\n\r\n")
        await stream.aclose()
        await trio.sleep(1)
        assert (await show.status())["decks"]["main"]["place"] == 1
