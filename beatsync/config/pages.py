"""Which web pages are let in, and by which names this machine goes, as a configuration writes them."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema

from beatsync.config.plain import GrammarError, text_of

_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?")
_HOST_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def _origin(value: object) -> str:
    expected = "the origin of a page as text, such as https://game.example or http://localhost:5173"
    text = text_of(value, expected).strip()
    if text == "*":
        raise GrammarError("'*' would let every page in the world operate the show; list the origins of your own pages")
    if not _ORIGIN.fullmatch(text):
        raise GrammarError(f"expected {expected}, without a path and in small letters, got {text!r}")
    return text


def _host_name(value: object) -> str:
    expected = "a name of this machine as text, such as show.local"
    text = text_of(value, expected).strip().lower()
    if not _HOST_NAME.fullmatch(text):
        raise GrammarError(f"expected {expected}, without a port, got {text!r}")
    return text


_TEXT: Final = {"type": "string", "minLength": 1}
PageOrigin: TypeAlias = Annotated[str, BeforeValidator(_origin), WithJsonSchema(_TEXT)]
HostName: TypeAlias = Annotated[str, BeforeValidator(_host_name), WithJsonSchema(_TEXT)]
HostNames: TypeAlias = Annotated[
    list[HostName], Field(max_length=64, description="names, beside addresses, by which this machine is reached")
]
