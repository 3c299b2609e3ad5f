"""Which rules are different, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from beatsync.core.rules import Rule


def rule_changes(before: Sequence[Rule], after: Sequence[Rule]) -> Iterator[str]:
    """`added rules[3] 'strobe'`, for each that is not as it was.

    A rule is known again by its name, one without by its place. What only stands elsewhere has not changed, as long as
    the order is the same: it settles which cue goes first.
    """
    old, new = [_bare(rule) for rule in before], [_bare(rule) for rule in after]
    left = [rule for rule, bare in zip(before, old, strict=True) if bare not in new]
    come = [rule for rule, bare in zip(after, new, strict=True) if bare not in old]
    for rule in list(come):
        partner = next((one for one in left if _is_the_same(one, rule)), None)
        if partner is not None:
            left.remove(partner)
            come.remove(rule)
            yield f"changed {rule.title}"
    yield from (f"added {rule.title}" for rule in come)
    yield from (f"removed {rule.title}" for rule in left)
    if [rule for rule in old if rule in new] != [rule for rule in new if rule in old]:
        yield "another order"


def _bare(rule: Rule) -> Rule:
    """The rule wherever it stands."""
    return replace(rule, place="")


def _is_the_same(before: Rule, after: Rule) -> bool:
    return before.name == after.name if before.name or after.name else before.place == after.place
