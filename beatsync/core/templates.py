"""Text with names in braces: `/section/{label}`. Doubled braces stand for themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from beatsync.core.labels import address_safe, text_safe
from beatsync.core.names import NAMES, NameValue

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class TemplateError(ValueError):
    """A template cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: literal text and names in turn, starting and ending with (perhaps empty) text."""

    source: str
    texts: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def parse(cls, source: str) -> Template:
        """Read a template. Raises TemplateError for a name that does not exist and for a stray brace."""
        texts = [""]
        names: list[str] = []
        for piece in _PIECE.finditer(source):
            token, name = piece.group(), piece.group(1)
            if name is not None:
                names.append(_known(name.strip(), source))
                texts.append("")
            elif token in {"{", "}"}:
                raise TemplateError(f"{source!r} has a single {token!r}; write {token * 2!r} for the character itself")
            else:
                texts[-1] += token[0] if token in {"{{", "}}"} else token
        return cls(source, tuple(texts), tuple(names))

    def in_address(self, values: Mapping[str, NameValue]) -> str:
        """Filled in for an address: of a value only characters pass that mean nothing in an address pattern."""
        return self._filled([address_safe(written(values[name])) for name in self.names])

    def in_text(self, values: Mapping[str, NameValue]) -> str:
        """Filled in for a string argument."""
        return self._filled([text_safe(written(values[name])) for name in self.names])

    def _filled(self, values: list[str]) -> str:
        if not values:
            return self.texts[0]
        pairs = zip(values, self.texts[1:], strict=True)
        return self.texts[0] + "".join(value + text for value, text in pairs)


def written(value: NameValue) -> str:
    """A value as text: at most three decimals, none where they are zero."""
    if isinstance(value, float):
        return f"{value:z.3f}".rstrip("0").rstrip(".")
    return str(value)


def _known(name: str, source: str) -> str:
    if name in NAMES:
        return name
    near = get_close_matches(name, NAMES, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"known names: {', '.join(NAMES)}"
    raise TemplateError(f"{source!r} uses the unknown name '{name}' ({remedy})")
