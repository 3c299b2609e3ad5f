"""The OpenAPI document is true: every route is in it, every example is taken, every answer is as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import trio

from beatsync.control.openapi import openapi_document
from beatsync.control.refusing import CODES, NotHere, answer_of_error
from beatsync.control.table import COMMANDS, QUIT
from beatsync.errors import BeatsyncError
from tests.control.office import TWO_DECKS, complaint, office
from tests.core.shows import song

DOCUMENT = openapi_document()
TRACKS = {"song.json": song("Intro 20", "Drop 20"), "the demo track": song("Intro 1")}
SHOW = f"on_air: {{by: fader, hand_over: now}}\n{TWO_DECKS}"


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def valid(record: object, schema: Mapping[str, Any]) -> None:
    """Raises where a record is not as its schema says."""
    whole = {"components": DOCUMENT["components"], **schema}
    jsonschema.Draft202012Validator(whole).validate(record)


def filled(path: str) -> str:
    return path.replace("{deck}", "a").replace("{target}", "lights")


async def test_it_is_served_and_every_route_is_in_it_and_no_other(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        served = (await show.client.get("/v1/openapi.json")).json()
        assert served == DOCUMENT
        for path, methods in served["paths"].items():
            for method in ("get", "post", "put", "delete", "patch"):
                if (method, path) in {("get", "/v1/events"), ("post", "/v1/quit")}:
                    continue
                answer = await show.client.request(method, filled(path))
                assert (answer.status_code == 405) is (method not in methods), (method, path)


def test_it_has_every_command_once_by_each_of_its_paths_with_its_osc_addresses() -> None:
    posts = {path: operation for method, path, operation in operations() if method == "post"}
    assert set(posts) == {path for entry in (*COMMANDS, QUIT) for path in entry.paths}
    for entry in COMMANDS:
        for path in entry.paths:
            assert posts[path]["x-osc"] == list(entry.osc_addresses)
    identifiers = [operation["operationId"] for _, _, operation in operations()]
    assert len(identifiers) == len(set(identifiers))


def test_every_reference_leads_somewhere_and_every_path_names_its_parameters() -> None:
    for reference in re.findall(r"'\$ref': '([^']+)'", str(DOCUMENT)):
        name = reference.removeprefix("#/components/schemas/")
        assert name in DOCUMENT["components"]["schemas"], reference
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for _, path, operation in operations():
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        assert operation["summary"].endswith(".")


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
async def test_every_example_is_as_its_schema_says_and_is_taken(entry: Any, tmp_path: Path) -> None:
    written = SHOW.replace("fader", "message") if entry.name == "flag" else SHOW
    async with office(tmp_path, written, tracks=TRACKS) as show:
        for path in entry.paths:
            operation = DOCUMENT["paths"][path]["post"]
            body = operation["requestBody"]["content"]["application/json"]
            valid(dict(entry.example), body["schema"])
            assert body.get("example", {}) == entry.example
            answer = await show.client.post(filled(path), json=dict(entry.example))
            if entry.name in {"next", "previous"}:
                assert complaint(answer)[1] == "refused"  # there is no set list
                valid(answer.json(), operation["responses"]["409"]["content"]["application/json"]["schema"])
                continue
            if entry.name == "reload":
                continue  # the booth has none
            assert answer.status_code == 200, answer.text
            valid(answer.json(), operation["responses"]["200"]["content"]["application/json"]["schema"])


async def test_every_answer_is_as_its_schema_says(tmp_path: Path) -> None:
    """While something plays, so that there is something to say."""
    async with office(tmp_path, TWO_DECKS) as show:
        await show.tell("play")
        await trio.sleep(0.05)
        for method, path, operation in operations():
            media, of = next(iter(operation["responses"]["200"]["content"].items()))
            if method == "get" and media == "application/json":
                answer = await show.client.get(filled(path))
                assert answer.status_code == 200, path
                valid(answer.json(), of["schema"])


async def test_what_is_no_example_is_refused_by_schema_and_daemon_alike(tmp_path: Path) -> None:
    wrong: Mapping[str, object] = {
        "seek": {"position": -1},
        "rate": {"rate": "fast"},
        "panic": {"on": 1},
        "load": {"track": 7},
        "play": {"x": 1},
    }
    async with office(tmp_path) as show:
        for name, body in wrong.items():
            schema = DOCUMENT["paths"][f"/v1/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
            with pytest.raises(jsonschema.ValidationError):
                valid(body, schema)
            assert complaint(await show.tell(name, body))[:2] == (400, "invalid")


def test_every_error_of_ours_has_a_code_that_the_document_names() -> None:
    def kinds(of: type[BeatsyncError]) -> Iterator[type[BeatsyncError]]:
        yield of
        for kind in of.__subclasses__():
            yield from kinds(kind)

    assert NotHere in set(kinds(BeatsyncError))
    for kind in kinds(BeatsyncError):
        _, record = answer_of_error(kind(("wrong",)) if kind.__name__ == "ConfigError" else kind("wrong"))
        assert record.error.code in CODES
        assert record.error.exit_code == kind.exit_code
    assert set(DOCUMENT["components"]["schemas"]["ErrorDetail"]["properties"]["code"]["enum"]) == set(CODES)
