"""`python -m bench [NAME...]`: how exactly cues leave, or what is named; `python -m bench all`: everything.

What is measured of timing goes into docs/timing.md. `players` and `following` have options: `... players --help`.
"""

from __future__ import annotations

import sys

from bench import (
    choices,
    compile_speed,
    costs,
    desktop_players,
    following,
    kills,
    osc_feed,
    player_feeds,
    players,
    reaction,
    report,
    sender_clock,
    show,
    start,
    timecode,
    timing,
    vlc_formats,
)

ON_TIME = {
    "start": start.run,
    "costs": costs.run,
    "reaction": reaction.run,
    "timing": timing.run,
}
BENCHES = {
    **ON_TIME,
    "compile": compile_speed.run,
    "choices": choices.run,
    "kills": kills.run,
    "show": show.run,
    "following": following.run,
    "player-feeds": player_feeds.run,
    "players": players.run,
    "desktop": desktop_players.run,
    "vlc-formats": vlc_formats.run,
    "timecode": timecode.run,
    "osc_feed": osc_feed.run,
    "sender_clock": sender_clock.run,
}

WITH_OPTIONS = {"players": players.run, "following": following.run}


def main(names: list[str]) -> None:
    """Run what the command line names."""
    if names and names[0] in WITH_OPTIONS:
        WITH_OPTIONS[names[0]](names[1:])
        return
    for name in BENCHES if names == ["all"] else names or ON_TIME:
        print(f"== {name}", flush=True)
        BENCHES[name]()
    report.write()


main(sys.argv[1:])
