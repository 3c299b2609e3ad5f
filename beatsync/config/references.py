"""What one part of a configuration says of another, checked on the plain values: found beside everything else."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from beatsync.config.problems import Problem
from beatsync.config.yaml_text import Path


def reference_problems(value: dict[str, Any]) -> list[Problem]:
    """Targets that do not exist, names that are there twice, keys without a value."""
    rules = value.get("rules")
    targets = value.get("targets")
    problems = list(_valueless(value, ()))
    if isinstance(rules, list):
        problems += _doubled_names(rules)
        if isinstance(targets, dict):
            problems += [problem for index, rule in enumerate(rules) for problem in _of_rule(rule, index, targets)]
    return problems


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


def _doubled_names(rules: list[Any]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, rule in enumerate(rules):
        name = rule.get("name") if isinstance(rule, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            yield Problem(("rules", index, "name"), f"{name!r} is the name of rules[{seen[name]}] too; give it another")
        seen.setdefault(name, index)


def _of_rule(rule: Any, index: int, targets: dict[str, Any]) -> Iterator[Problem]:
    sends = rule.get("send") if isinstance(rule, dict) else None
    for number, send in enumerate(sends if isinstance(sends, list) else [sends]):
        if not isinstance(send, dict):
            continue
        path: Path = ("rules", index, "send", number)
        if "to" not in send:
            if len(targets) > 1:
                yield Problem(path, f"'to' is missing: which of the targets {', '.join(targets)}?")
            continue
        names = send["to"]
        for name in names if isinstance(names, list) else [names]:
            if targets and isinstance(name, str) and name not in targets:
                yield Problem((*path, "to"), f"no target named '{name}'{_nearest(name, targets)}")


def _nearest(name: str, targets: dict[str, Any]) -> str:
    near = get_close_matches(name, targets, n=1)
    return f" (did you mean '{near[0]}'?)" if near else f"; targets: {', '.join(targets)}"
