"""Hand-overs with real processes: what is heard on the beat that a deck takes over on."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.system.oscdump import write_track
from tests.system.program import beatsync, environment, running
from tests.system.shows import short_document
from tests.system.stamped import StampedPort

SHOW = """decks:
  a: {track: a.json, clock: {start: now}, off_air: {prefix: /preview}}
  b: {track: b.json, clock: {start: now}, off_air: {prefix: /preview}}
on_air: {deck: a, hand_over: bar}
targets: {lights: osc.udp://127.0.0.1:%d}
rules: [{on: beat, send: {address: /beat, args: [bar, beat]}}]
"""


def test_a_deck_with_a_prefix_that_takes_over_on_a_bar_is_heard_from_its_downbeat_on(tmp_path: Path) -> None:
    """Another schedule has to be read by the conductor, between its cues."""
    write_track(tmp_path, short_document(seconds=240.0, bpm=240), "a.json")
    write_track(tmp_path, short_document(seconds=240.0, bpm=250), "b.json")
    env = environment(tmp_path)
    with StampedPort() as port:
        (tmp_path / "show.yaml").write_text(SHOW % port.port)
        with running(tmp_path / "show.yaml", env=env) as daemon:
            daemon.wait_for("cue", 4)
            for count, deck in enumerate(["b", "a", "b"], 1):
                assert beatsync("on-air", deck, env=env).returncode == 0
                daemon.wait_for("on_air", count)
                before = len(daemon.of("cue"))
                daemon.wait_for("cue", before + 24)
        heard = [cue for cue in daemon.of("cue") if cue["address"] == "/beat" and cue["verdict"] in {"sent", "late"}]
    by_deck = [(cue["deck"], *cue["args"]) for cue in heard]
    taken_over = [after for before, after in pairwise(by_deck) if after[0] != before[0]]
    assert [deck for deck, _, _ in taken_over] == ["b", "a", "b"]
    assert [beat for _, _, beat in taken_over] == [1, 1, 1]
