"""Arguments of messages, as a configuration writes them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from beatsync.config.plain import GrammarError, Trap, described, text_of, unlike
from beatsync.core.expressions import Expression, ExpressionError
from beatsync.core.names import EXAMPLE_VALUES, NameValue
from beatsync.core.osc import VALUE_OF, OscError, Tag, Value, check_value
from beatsync.core.rules import Argument, Computed, Literal, Text
from beatsync.core.templates import Template, TemplateError

_BARE: Final[Mapping[str, Tag]] = MappingProxyType({tag.value: tag for tag in VALUE_OF})
_INT32: Final = 1 << 31
_TYPES: Final = ", ".join(tag.value for tag in Tag)


def argument_of(value: object) -> Argument:
    """One element of `args`. Raises GrammarError."""
    if isinstance(value, dict):
        return _typed(value)
    if value is None or isinstance(value, bool):
        tag = {None: Tag.NIL, True: Tag.TRUE, False: Tag.FALSE}[value]
        return Literal(tag, VALUE_OF[tag])
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Trap):
        raise GrammarError(f'expected an argument, got {described(value)}; for text write {{s: "{value.text}"}}')
    text = text_of(value, "an argument", perhaps_empty=True)
    if not text.strip():
        return _literal(Tag.STRING, text)
    if text in _BARE:
        return Literal(_BARE[text], VALUE_OF[_BARE[text]])
    return _text(text) if "{" in text else _computed(text, None)


def _number(value: float) -> Argument:
    if isinstance(value, int) and not -_INT32 <= value < _INT32:
        raise GrammarError(f"{value} does not fit into i, 32 bits; write {{h: {value}}} if the receiver takes 64 bits")
    return _literal(Tag.INT if isinstance(value, int) else Tag.FLOAT, value)


def _typed(value: dict[str, Any]) -> Argument:
    """A mapping of one type to its value: `{f: 1}`, `{s: "bar {bar}"}`."""
    if len(value) != 1 or next(iter(value)) not in set(Tag):
        keys = ", ".join(map(str, value)) or "nothing"
        raise GrammarError(f"expected one type and its value, such as {{f: 1}}, got {keys}; types: {_TYPES}")
    ((key, content),) = value.items()
    tag = Tag(key)
    if tag in VALUE_OF:
        return _empty(tag, content)
    if tag is Tag.STRING:
        return _text(text_of(content, perhaps_empty=True))
    if tag is Tag.BLOB:
        return _literal(tag, _bytes(content))
    if isinstance(content, int | float) and not isinstance(content, bool):
        return _literal(tag, float(content) if tag in {Tag.FLOAT, Tag.DOUBLE} else content)
    return _computed(text_of(content, "a number or an expression"), tag)


def _empty(tag: Tag, content: object) -> Argument:
    if content is not None and content is not True:
        raise GrammarError(f"{tag} carries no value; write {tag} alone, or {{{tag}: }}")
    return Literal(tag, VALUE_OF[tag])


def _literal(tag: Tag, value: Value) -> Literal:
    if isinstance(value, float) and tag in {Tag.INT, Tag.INT64} and value.is_integer():
        value = int(value)
    try:
        check_value(tag, value)
    except OscError as error:
        raise GrammarError(str(error)) from None
    return Literal(tag, value)


def _bytes(content: object) -> bytes:
    expected = 'bytes in hexadecimal, such as "00ff a0"'
    text = content.text if isinstance(content, Trap) else content
    if not isinstance(text, str):
        raise unlike(f"{expected}, as text", content)
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise GrammarError(f"expected {expected}, got {text!r}") from None


def _text(text: str) -> Argument:
    try:
        template = Template.parse(text)
    except TemplateError as error:
        raise GrammarError(str(error)) from None
    return Text(template) if template.names else _literal(Tag.STRING, template.in_text({}))


def _computed(text: str, tag: Tag | None) -> Argument:
    try:
        expression = Expression.parse(text)
    except ExpressionError as error:
        raise GrammarError(str(error)) from None
    try:
        result: NameValue = expression.evaluate(EXAMPLE_VALUES)
    except ExpressionError as error:
        if not expression.names:
            raise GrammarError(str(error)) from None
        return Computed(expression, tag)  # it may well have a value in a track; compiling for one decides
    if tag is not None and isinstance(result, str):
        raise GrammarError(f"{text!r} gives text, which cannot be sent as {tag}; write {{s: ...}} for text")
    return Computed(expression, tag)
