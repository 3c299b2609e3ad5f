"""YAML text to plain values with the place of each, all problems at once.

A subset of YAML, since the rest is a trap in a show file: one document, no anchors, aliases, merge keys or tags, keys
are text (`on` is the word), no duplicate keys, and of the words and numbers that YAML 1.1 reads in its own way each
becomes a `Trap`, for whoever needs the value to complain about. Events are read one by one by PyYAML's pure parser (the
C one can crash on deep nesting), so that limits hold before anything is built.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import yaml
from yaml.nodes import ScalarNode

from beatsync.config.faults import Fault, Place
from beatsync.config.plain import Trap
from beatsync.config.yaml_syntax import place_of_mark, syntax_fault
from beatsync.core.limits import MAX_CONFIG_BYTES, MAX_CONFIG_DEPTH, MAX_CONFIG_NODES

Path: TypeAlias = tuple[str | int, ...]

_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,29})\Z")
_DECIMAL: Final = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z")
_TRUTHS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING: Final = {"", "~", "null", "Null", "NULL"}
_UNSENDABLE: Final = re.compile("[\0\ud800-\udfff]")
_FOREIGN: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip archive"),
)


class YamlFaults(Exception):
    """The text cannot be read; `faults` are all that were found."""

    def __init__(self, faults: list[Fault]) -> None:
        """`faults`: at least one."""
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Document:
    """The values, and where they are written: `places` of values, `key_places` of the keys in front of them."""

    value: Any
    places: Mapping[Path, Place]
    key_places: Mapping[Path, Place]


def read_yaml(data: bytes) -> Document:
    """The values in `data`. Raises YamlFaults with everything that is wrong with it as YAML."""
    reader = _Reader(_decoded(data))
    return reader.document()


def _decoded(data: bytes) -> str:
    if len(data) > MAX_CONFIG_BYTES:
        raise YamlFaults([Fault(None, f"{len(data):,} bytes; a configuration has at most {MAX_CONFIG_BYTES:,}")])
    for mark, name in _FOREIGN:
        if data.startswith(mark):
            raise YamlFaults([Fault(None, f"this is {name}; expected YAML as UTF-8 text")])
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise YamlFaults([Fault(Place(line, 1), "not UTF-8 text; save the file as UTF-8")]) from None
    if not text.strip():
        raise YamlFaults([Fault(None, "the file is empty; start from configs/starting-point.yaml")])
    return text


class _Reader:
    """Builds values from one text's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._faults: list[Fault] = []
        self._places: dict[Path, Place] = {}
        self._key_places: dict[Path, Place] = {}
        self._nodes = 0
        self._events: Iterator[Any] = iter(())
        self._resolver: Any = yaml.resolver.Resolver()

    def document(self) -> Document:
        value: Any = None
        try:
            self._events = iter(yaml.parse(self._text, Loader=yaml.SafeLoader))
            documents = 0
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._fault(event, "a second document starts here; a configuration is one, remove the '---'")
                        break
                    value = self._value(next(self._events), ())
        except yaml.YAMLError as error:
            self._faults.append(syntax_fault(error, self._text))
        if self._faults:
            raise YamlFaults(self._faults)
        return Document(value, self._places, self._key_places)

    def _fault(self, event: Any, message: str) -> None:
        self._faults.append(Fault(place_of_mark(event.start_mark), message))

    def _value(self, event: Any, path: Path) -> Any:
        self._nodes += 1
        if self._nodes > MAX_CONFIG_NODES or len(path) > MAX_CONFIG_DEPTH:
            what = f"more than {MAX_CONFIG_NODES:,} values" if self._nodes > MAX_CONFIG_NODES else "nested too deeply"
            self._fault(event, f"{what}; a configuration has at most {MAX_CONFIG_NODES:,}, {MAX_CONFIG_DEPTH} deep")
            raise YamlFaults(self._faults)
        self._places[path] = place_of_mark(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"aliases such as *{event.anchor} are not read here; write the value out")
            return None
        self._check_properties(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._scalar(event)

    def _check_properties(self, event: Any) -> None:
        if event.anchor is not None:
            self._fault(
                event, f"anchors such as &{event.anchor} are not read here; write the value out where it is needed"
            )
        if event.tag is not None:
            self._fault(event, f"tags such as {_short_tag(event.tag)} are not read here; remove it")

    def _list(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            place = place_of_mark(event.start_mark)
            value = self._value(next(self._events), (*path, key))
            if key in values:
                first = self._key_places[*path, key]
                self._faults.append(
                    Fault(place, f"the key '{key}' is there twice, first in line {first.line}; keep one")
                )
            else:
                values[key] = value
                self._key_places[*path, key] = place
        return values

    def _key(self, event: Any, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._fault(event, "a key must be a word; check the colons and indentation, and quote text with braces")
            self._value(event, (*path, "?"))
            return f"? {event.start_mark.line}:{event.start_mark.column}"
        self._check_properties(event)
        if event.value == "<<" and event.implicit[0]:
            self._fault(event, "merge keys (<<) are not read here; write the keys out")
        return self._characters(event)

    def _characters(self, event: Any) -> str:
        """A scalar's text, which only an escape can give characters that nothing can carry."""
        text = str(event.value)
        if found := _UNSENDABLE.search(text):
            self._fault(event, f"\\u{ord(found.group()):04x} stands for no character of its own; remove it")
        return text

    def _scalar(self, event: Any) -> Any:
        text = self._characters(event)
        if not event.implicit[0]:  # quoted
            return text
        if text in _NOTHING:
            return None
        if text in _TRUTHS:
            return _TRUTHS[text]
        if _WHOLE.match(text):
            return int(text)
        if _DECIMAL.match(text):
            return _finite(text)
        tag = self._resolver.resolve(ScalarNode, text, (True, False))
        return Trap(text, _reading(tag, text)) if tag in _READINGS else text


_READINGS: Final = {
    "tag:yaml.org,2002:bool": "the boolean",
    "tag:yaml.org,2002:int": "the integer",
    "tag:yaml.org,2002:float": "the number",
    "tag:yaml.org,2002:timestamp": "a date",
}


def _finite(text: str) -> Any:
    number = float(text)
    return number if abs(number) != float("inf") else Trap(text, "infinity")


def _reading(tag: str, text: str) -> str:
    """What YAML 1.1 makes of a scalar: `the integer 750`."""
    if tag == "tag:yaml.org,2002:timestamp" or len(text) > 30:
        return _READINGS[tag]
    constructor = yaml.constructor.SafeConstructor()
    try:
        value = constructor.construct_object(ScalarNode(tag, text))
    except (ValueError, yaml.YAMLError):
        return _READINGS[tag]
    return f"{_READINGS[tag]} {str(value).lower()}"


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
