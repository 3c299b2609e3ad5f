"""Which addresses matter."""

from __future__ import annotations

import pytest

from beatsync.feeds.osc.matching import Directory


@pytest.mark.parametrize(
    ("pattern", "address", "matches"),
    [
        ("/a/time", "/a/time", True),
        ("/a/time", "/A/time", False),
        ("/a/time", "/a/time/", False),
        ("/*/time", "/2/time", True),
        ("/*/time", "//time", True),
        ("/*/time", "/a/b/time", False),
        ("/deck*/time", "/deck2/time", True),
        ("/deck*/time", "/dec/time", False),
        ("/a*a/x", "/a/x", False),
        ("/a*a/x", "/aa/x", True),
        ("/reply/workspace/*/x", "/reply/workspace/34-AB/x", True),
    ],
)
def test_a_star_stands_for_anything_within_one_part(pattern: str, address: str, *, matches: bool) -> None:
    assert Directory([(pattern, "entry")]).find(address) == (["entry"] if matches else [])


def test_one_address_may_mean_several_things() -> None:
    directory = Directory([("/beat", 1), ("/*", 2), ("/beat", 3)])
    assert directory.find("/beat") == [1, 3, 2]
    assert directory.find("/other") == [2]
