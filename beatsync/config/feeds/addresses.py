"""Where a player listens: a Unix socket, or a TCP port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from beatsync.config.plain import GrammarError, text_of
from beatsync.config.urls import is_host

SOCKET_PATTERN: Final = r"^[/@][^\0]+$"
_LONGEST_PATH: Final = 107
"""Bytes that the kernel has room for (unix(7)), less the zero at the end."""


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket in the file system; after an `@` a name in Linux's abstract space, which no file stands for."""

    path: str

    def __str__(self) -> str:
        """As it is written."""
        return self.path


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host by name or number, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """As people write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Address: TypeAlias = UnixAddress | TcpAddress


def socket_of(value: object) -> UnixAddress:
    """A Unix socket. Raises GrammarError."""
    expected = 'an absolute path such as /run/mpv.sock, or an abstract name such as "@mpv"'
    text = text_of(value, f"{expected} as text")
    if not text.startswith(("/", "@")) or len(text) < 2:
        raise GrammarError(f"expected {expected}, got {text[:40]!r}")
    if "\0" in text:
        raise GrammarError(f"expected {expected}, got one with a NUL in it")
    if len(text.encode(errors="surrogateescape")) > _LONGEST_PATH:
        raise GrammarError(f"the path of a Unix socket has at most {_LONGEST_PATH} bytes; choose a shorter one")
    return UnixAddress(text)


def host_of(value: object) -> str:
    """A host by name or number. Raises GrammarError."""
    expected = "a host by name or number, such as 127.0.0.1 or player.local"
    text = text_of(value, f"{expected} as text").strip()
    if not is_host(text):
        raise GrammarError(f"expected {expected}, got {text[:40]!r}")
    return text


ASocket = Annotated[
    InstanceOf[UnixAddress],
    BeforeValidator(socket_of),
    WithJsonSchema({"type": "string", "pattern": SOCKET_PATTERN, "examples": ["/run/mpv.sock", "@mpv"]}),
]
AHost = Annotated[
    str,
    BeforeValidator(host_of),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["127.0.0.1", "player.local"]}),
]
