"""A port or a device by its name, or a part of it; the error names what is there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from beatsync.core.fields import one_line
from beatsync.feeds.feed import FeedTrouble


def chosen(wanted: str, names: Sequence[str], what: str) -> str:
    """The name that is `wanted`, or the only one that has it in it, without regard to case.

    `what`: what they are, in the plural: `MIDI inputs`. Raises FeedTrouble.
    """
    same = [name for name in names if name.casefold() == wanted.casefold()]
    alike = [name for name in names if wanted.casefold() in name.casefold()]
    found = same[:1] or alike
    if len(found) == 1:
        return found[0]
    if found:
        raise FeedTrouble(f"{len(found)} {what} have {wanted!r} in their names: {_listed(found)}; write more of it")
    if not names:
        raise FeedTrouble(f"there are no {what}, so none is {wanted!r}; is it plugged in and switched on?")
    near = get_close_matches(wanted, names, n=1, cutoff=0.4)
    hint = f"; did you mean {one_line(near[0])!r}?" if near else ""
    raise FeedTrouble(f"none of the {what} has {wanted!r} in its name{hint} there are: {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(one_line(name)) for name in names)
