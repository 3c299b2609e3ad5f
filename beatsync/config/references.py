"""What one part of a configuration says of another, checked on the plain values: found beside everything else."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from beatsync.config.models import PLAYED
from beatsync.config.plain import not_one_of
from beatsync.config.problems import Problem
from beatsync.config.yaml_text import Path


def reference_problems(value: dict[str, Any]) -> list[Problem]:
    """Targets and decks that do not exist, names that are there twice, keys without a value."""
    targets = value.get("targets")
    problems = list(_valueless(value, ()))
    for place, rules in lists_of_rules(value):
        problems += _doubled_names(rules, place)
        if isinstance(targets, dict):
            problems += [
                problem for index, rule in enumerate(rules) for problem in _of_rule(rule, (*place, index), targets)
            ]
    problems += _on_air(value)
    said = [key for key in PLAYED if key in value]
    if len(said) != 1:
        problems.append(Problem((), not_one_of(PLAYED, said)))
    return problems


def _on_air(value: dict[str, Any]) -> Iterator[Problem]:
    """A deck that is to be on air, and is not there."""
    decks, on_air = value.get("decks"), value.get("on_air")
    name = on_air.get("deck") if isinstance(on_air, dict) else None
    if isinstance(decks, dict) and decks and isinstance(name, str) and name not in decks:
        yield Problem(("on_air", "deck"), f"no deck is called '{name}'{_nearest(name, decks, 'decks')}")


def lists_of_rules(value: dict[str, Any]) -> Iterator[tuple[Path, list[Any]]]:
    """The show's rules, and those of decks that have their own."""
    decks = value.get("decks")
    owners: dict[Path, Any] = {(): value}
    if isinstance(decks, dict):
        owners |= {("decks", name): deck for name, deck in decks.items()}
    for place, owner in owners.items():
        rules = owner.get("rules") if isinstance(owner, dict) else None
        if isinstance(rules, list):
            yield (*place, "rules"), rules


def _valueless(value: Any, path: Path) -> Iterator[Problem]:
    """Keys that nothing follows. Among arguments that is N, and meant; in an address it is `{label}` without quotes."""
    if isinstance(value, dict):
        for key, part in value.items():
            if part is None:
                yield Problem((*path, key), "has no value; write one, or remove the key", at_key=True)
            elif key not in {"args", "address"}:
                yield from _valueless(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _valueless(part, (*path, index))


def _doubled_names(rules: list[Any], place: Path) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, rule in enumerate(rules):
        name = rule.get("name") if isinstance(rule, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            yield Problem((*place, index, "name"), f"{name!r} is the name of rules[{seen[name]}] too; give it another")
        seen.setdefault(name, index)


def _of_rule(rule: Any, place: Path, targets: dict[str, Any]) -> Iterator[Problem]:
    sends = rule.get("send") if isinstance(rule, dict) else None
    for number, send in enumerate(sends if isinstance(sends, list) else [sends]):
        if not isinstance(send, dict):
            continue
        path: Path = (*place, "send", number)
        if "to" not in send:
            if len(targets) > 1:
                yield Problem(path, f"'to' is missing: which of the targets {', '.join(targets)}?")
            continue
        names = send["to"]
        for name in names if isinstance(names, list) else [names]:
            if targets and isinstance(name, str) and name not in targets:
                yield Problem((*path, "to"), f"no target named '{name}'{_nearest(name, targets, 'targets')}")


def _nearest(name: str, known: dict[str, Any], what: str) -> str:
    near = get_close_matches(name, known, n=1)
    return f" (did you mean '{near[0]}'?)" if near else f"; {what}: {', '.join(known)}"
