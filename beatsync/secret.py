"""A text that people must not read: a key, a password."""

from __future__ import annotations

from typing import Final

_LEAST_CHARACTERS: Final = 8


class Secret:
    """A text that must not be shown. Only `reveal` gives it; printed, logged or formatted it is `Secret(…)`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """`text`: not empty."""
        self._text = text

    def reveal(self) -> str:
        """The text itself, for whom it is meant."""
        return self._text

    def hide_in(self, text: str) -> str:
        """`text` with every occurrence of the secret taken out: servers have been seen to echo what they were sent."""
        return text.replace(self._text, "[key]")

    def hide_in_bytes(self, data: bytes) -> bytes:
        """The same for bytes as they came."""
        return data.replace(self._text.encode(), b"[key]")

    def is_echoed_in(self, data: bytes) -> bool:
        """Whether the secret is in `data`. One of a few letters is in every document by chance, and is no secret."""
        return len(self._text) >= _LEAST_CHARACTERS and self._text.encode() in data

    def __repr__(self) -> str:
        """Never the text."""
        return "Secret(…)"
