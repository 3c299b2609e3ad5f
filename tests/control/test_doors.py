"""Who may use the API over TCP. K6, K7, K8."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.config.configuration import ControlChoice, HttpChoice
from beatsync.config.read import read_config
from beatsync.control.doors import Door
from beatsync.control.entrances import Entrances, open_entrances
from beatsync.errors import ConfigError, ControlError
from beatsync.web.refusals import Refusal, Unadmitted
from tests.control.office import PAGE, TOKEN, complaint, free_port, office
from tests.decks.booth import one_deck

CLOCK = SystemClock()
OWN = {"host": "127.0.0.1:7780"}


async def test_over_tcp_the_token_is_needed_and_counted_where_it_is_wrong(tmp_path: Path) -> None:
    """K6"""
    async with office(tmp_path, token=TOKEN) as show, show.over_tcp() as client:
        for headers in ({}, {"authorization": f"Bearer {TOKEN[:-1]}"}, {"authorization": f"Basic {TOKEN}"}):
            for path in ("status", "events", "openapi.json", "nothing"):
                answer = await client.get(f"/v1/{path}", headers=headers)
                assert complaint(answer) == (
                    401,
                    "unauthorised",
                    "send the token as a header: Authorization: Bearer TOKEN",
                )
            assert (await client.post("/v1/play", headers=headers)).status_code == 401
        assert (await client.post("/v1/play", headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200
        assert (await show.status())["refused"] == {Unadmitted.UNAUTHORISED: 15}


async def test_a_token_in_the_url_is_no_token(tmp_path: Path) -> None:
    """K6: urls end up in logs and histories."""
    async with office(tmp_path, token=TOKEN) as show, show.over_tcp() as client:
        answer = await client.get(f"/v1/status?token={TOKEN}")
        assert complaint(answer)[:2] == (401, "unauthorised")
        assert TOKEN not in answer.text


async def test_the_control_socket_needs_no_token(tmp_path: Path) -> None:
    async with office(tmp_path, token=TOKEN) as show:
        assert (await show.tell("play")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:7780"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_web_page_of_somebody_else_can_do_nothing_and_read_nothing(
    headers: dict[str, str], tmp_path: Path
) -> None:
    """K8: the browser on the show's own machine would send it; no header of the answer lets the page read it."""
    async with office(tmp_path, origins=(PAGE,)) as show, show.over_tcp(**headers) as client:
        for answer in (await client.post("/v1/play"), await client.get("/v1/status"), await client.options("/v1/play")):
            assert answer.status_code in {403, 405}
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert show.booth.deck.state().playback == "armed"


async def test_a_tablet_may_call_the_machine_by_a_name_that_is_listed_and_its_own_page_may_command(
    tmp_path: Path,
) -> None:
    """K8: a name that a page made up for this machine is not in the configuration."""
    name = {"host": "Lighting.local:7780", "origin": "http://Lighting.local:7780"}
    async with office(tmp_path, hosts=("lighting.local",)) as show, show.over_tcp() as client:
        assert (await client.post("/v1/play", headers=name)).status_code == 200
        other = await client.post("/v1/play", headers={"host": "lightning.local:7780"})
        expected = "the host name 'lightning.local' is not known here; use an address, or list the name in hosts"
        assert complaint(other) == (403, "forbidden", expected)


def test_host_names_and_origins_of_the_configuration_come_to_the_door(tmp_path: Path) -> None:
    port = free_port()
    written = f"{{port: {port}, hosts: [Show.Local, lighting.local], origins: ['https://tablet.example']}}"
    read = read_config(f"{one_deck()}control: {{http: {written}}}\n".encode(), path=tmp_path / "show.yaml")
    with open_entrances(tmp_path / "control.sock", read.control, CLOCK) as entrances:
        door = entrances.http[1].door
        assert {"show.local", "lighting.local"} < door.hosts
        assert door.origins == {"https://tablet.example"}


async def test_what_a_form_could_send_is_no_command(tmp_path: Path) -> None:
    """K8: only JSON needs a browser's question first."""
    async with office(tmp_path) as show, show.over_tcp() as client:
        answer = await client.post("/v1/seek", content=b'{"position": 1}', headers={"content-type": "text/plain"})
        assert complaint(answer)[:2] == (415, "not_json")


async def test_a_listed_page_may_command_and_its_browser_is_told_so(tmp_path: Path) -> None:
    """K8: the answer to the browser's question comes without the token, which the browser does not send with it."""
    async with office(tmp_path, token=TOKEN, origins=(PAGE,)) as show, show.over_tcp(origin=PAGE) as client:
        asked = {"access-control-request-method": "POST", "access-control-request-private-network": "true"}
        question = await client.options("/v1/play", headers=asked)
        cross = {"sec-fetch-site": "cross-site", "authorization": f"Bearer {TOKEN}"}
        answer = await client.post("/v1/play", headers=cross)
        refused = await client.post("/v1/play")
    assert (question.status_code, answer.status_code, refused.status_code) == (204, 200, 401)
    assert "idempotency-key" in question.headers["access-control-allow-headers"]
    assert question.headers["access-control-allow-private-network"] == "true"
    assert {one.headers["access-control-allow-origin"] for one in (question, answer, refused)} == {PAGE}


@pytest.mark.parametrize(
    ("headers", "path", "let_in"),
    [
        ({"origin": "http://127.0.0.1:7780"}, "/v1/play", True),
        ({"origin": "http://127.0.0.1:7781"}, "/v1/play", False),
        ({"sec-fetch-site": "same-origin"}, "/v1/play", True),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, "/", True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "/", True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "/v1/status", False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "/", False),
        ({"host": "stage.local:7780"}, "/v1/play", True),
        ({"host": "other.local:7780"}, "/v1/play", False),
    ],
)
def test_the_page_that_is_served_here_may_and_a_link_to_it_may_be_followed(
    headers: dict[str, str], path: str, *, let_in: bool
) -> None:
    """K8"""
    door = Door(name="http", hosts=frozenset({"stage", "stage.local"}))
    try:
        door.admit({**OWN, **headers}, path, "")
        assert let_in
    except Refusal:
        assert not let_in


@pytest.mark.parametrize(
    "file",
    ["/etc/hostname", "../other/song.json", "sub/../../song.json", "a\0b", "-", "link/song.json"],
)
async def test_over_tcp_only_files_of_the_show_s_own_folder_are_loaded(file: str, tmp_path: Path) -> None:
    """K7: what a track's document is refused for would say what is in it."""
    async with office(tmp_path) as show, show.over_tcp() as client:
        folder = tmp_path / "show"
        folder.mkdir()
        (folder / "link").symlink_to(tmp_path)
        configuration = show.booth.ensemble.configuration
        object.__setattr__(configuration, "path", folder / "show.yaml")
        answer = await client.post("/v1/load", json={"track": {"file": file}})
        assert answer.status_code in {400, 409}
        assert show.booth.shelf.asked == ["song.json"]
        assert (await client.post("/v1/load", json={"track": "song.json"})).status_code == 200


def test_without_a_token_nothing_is_opened_to_other_machines(tmp_path: Path) -> None:
    """K6"""
    choice = ControlChoice(http=HttpChoice("0.0.0.0", free_port(), None, ()))
    with (
        pytest.raises(ControlError, match="can be reached by others"),
        open_entrances(tmp_path / "control.sock", choice, CLOCK),
    ):
        pass
    assert not (tmp_path / "control.sock").exists()


@pytest.mark.parametrize("text", ["short", "", "spaces in the token here"])
def test_a_token_that_cannot_be_one_is_a_problem_of_the_configuration(text: str, tmp_path: Path) -> None:
    """K6"""
    path = tmp_path / "token"
    path.write_text(text)
    choice = ControlChoice(http=HttpChoice("127.0.0.1", free_port(), path, ()))
    with (
        pytest.raises(ConfigError, match=r"control\.http\.token_file: .*at least 16"),
        open_entrances(tmp_path / "control.sock", choice, CLOCK),
    ):
        pass


def test_a_port_that_another_program_has_is_said_before_anything_plays(tmp_path: Path) -> None:
    """L7"""
    choice = ControlChoice(http=HttpChoice("127.0.0.1", free_port(), None, ()))
    with (
        open_entrances(tmp_path / "one.sock", choice, CLOCK),
        pytest.raises(ControlError, match=r"cannot listen on tcp 127\.0\.0\.1:\d+: address already in use"),
        open_entrances(tmp_path / "two.sock", choice, CLOCK),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_show_that_nobody_steers_opens_nothing(tmp_path: Path) -> None:
    with open_entrances(None, ControlChoice(http=HttpChoice("127.0.0.1", 1, None, ())), CLOCK) as entrances:
        assert entrances == Entrances()
