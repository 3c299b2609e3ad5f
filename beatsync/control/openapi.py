"""The API described for programs: an OpenAPI document, made from the tables of routes and from types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from beatsync import __version__
from beatsync.control.readings import READINGS, Reading
from beatsync.control.records import ErrorRecord, StatusRecord
from beatsync.control.refusing import CODES
from beatsync.control.table import COMMANDS, QUIT, Entry

_REF: Final = "#/components/schemas/{model}"
_JSON: Final = "application/json"
_ABOUT: Final = (
    "What beatsync's daemon can be told and asked. It listens on a Unix socket, and on a TCP port where the "
    "configuration says so; there a token may be needed. Instants are seconds of the daemon's monotonic clock, "
    "positions seconds from the first sample of the track."
)
_KEY: Final = "Any text of up to 128 characters, new for each command: the same one again gets the first answer."
_REVISION: Final = "The revision that was seen: where things have changed since, the command is refused with 409."
_HEADERS: Final = {"Idempotency-Key": _KEY, "If-Match": _REVISION}
STATUSES: Final = {
    "400": "It makes no sense as it was said.",
    "401": "The token is missing or wrong.",
    "403": "The host name or the web page is not let in.",
    "404": "There is no such deck or target.",
    "408": "The body took too long to arrive.",
    "409": "It does not go with how things stand; nothing has changed.",
    "413": "The body is too large.",
    "415": "The body is not said to be JSON.",
    "422": "A track or configuration cannot be used, or a key came with two commands.",
    "500": "A fault of beatsync's own.",
    "502": "A track's structure could not be had.",
    "503": "Too many clients.",
}


@cache
def openapi_document() -> Mapping[str, Any]:
    """The document. Not to be changed."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for reading in READINGS:
        for path in reading.paths:
            paths.setdefault(path, {})["get"] = _reading(reading, path, schemas)
    for entry in (*COMMANDS, QUIT):
        for path in entry.paths:
            paths.setdefault(path, {})["post"] = _command(entry, path, schemas)
    _schema_of(ErrorRecord, schemas)
    schemas["ErrorDetail"]["properties"]["code"]["enum"] = list(CODES)
    return {
        "openapi": "3.1.0",
        "info": {"title": "beatsync", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "security": [{}, {"token": []}],
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _command(entry: Entry, path: str, schemas: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": _schema_of(entry.body, schemas, mode="validation")}
    if entry.example:
        body["example"] = dict(entry.example)
    return {
        "operationId": _identifier("post", path),
        "summary": entry.summary,
        "tags": [entry.scope],
        "parameters": [
            *_in_path(path),
            *(_parameter("header", name, text, {"type": "string"}) for name, text in _HEADERS.items()),
        ],
        "requestBody": {"required": bool(_required(entry)), "content": {_JSON: body}},
        "responses": _responses(StatusRecord, "The status afterwards.", _JSON, schemas),
        "x-osc": [] if entry is QUIT else list(entry.osc_addresses),
    }


def _required(entry: Entry) -> bool:
    return any(field.is_required() for field in entry.body.model_fields.values())


def _reading(reading: Reading, path: str, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = [*_in_path(path), *_in_query(reading.query, schemas)]
    if reading.name == "events":
        parameters.append(_parameter("header", "Last-Event-ID", "The id of the last event.", {"type": "string"}))
    return {
        "operationId": _identifier("get", path),
        "summary": reading.summary,
        "tags": ["reading"],
        "parameters": parameters,
        "responses": _responses(reading.answer, reading.summary, reading.media_type, schemas),
    }


def _responses(answer: type[Any] | None, text: str, media_type: str, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "string"} if media_type != _JSON else {"type": "object"}
    good = schema if answer is None else _schema_of(answer, schemas)
    error = {"content": {_JSON: {"schema": {"$ref": _REF.format(model=ErrorRecord.__name__)}}}}
    return {
        "200": {"description": text, "content": {media_type: {"schema": good}}},
        **{status: {"description": why, **error} for status, why in STATUSES.items()},
    }


def _schema_of(of: type[Any], schemas: dict[str, Any], *, mode: JsonSchemaMode = "serialization") -> dict[str, Any]:
    """A reference to the type's schema, which goes into `schemas` with those that it needs."""
    schema = TypeAdapter(of).json_schema(ref_template=_REF, mode=mode)
    schemas.update(schema.pop("$defs", {}))
    name = of.__name__
    schemas[name] = schema
    return {"$ref": _REF.format(model=name)}


def _in_path(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        yield _parameter("path", name, f"The name of a {name}.", {"type": "string"})


def _in_query(model: type[BaseModel], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=_REF)
    schemas.update(schema.pop("$defs", {}))
    for name, its in schema.get("properties", {}).items():
        text = its.pop("description", "")
        its.pop("title", None)
        its.pop("default", None)  # it is in the program's own units
        yield _parameter("query", name, text, its)


def _parameter(place: str, name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"in": place, "name": name, "required": place == "path", "description": text, "schema": schema}


def _identifier(method: str, path: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", path.removeprefix("/v1/").replace("{", "").replace("}", ""))
    return f"{method}_{words}"
