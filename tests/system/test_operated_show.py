"""A whole show in real time: two decks, set lists, seeks, hand-overs, edits good and bad, and processes that die."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.operated.accounting import check
from tests.system.operated.playing import play_show


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # see Watcher
def test_every_beat_of_an_operated_show_comes_once_or_is_named(tmp_path: Path) -> None:
    """The short form of `make show`."""
    played = play_show(tmp_path, seconds=25.0, seed=1)
    check(played.account, played.looks, played.summary)
    assert played.account.expected > 50
    assert len(played.operator.done) == 10
