"""`python -m bench [NAME...]`: all measurements, or those named; `players --help` and `following --help` say more."""

from __future__ import annotations

import sys

from bench import (
    compile_speed,
    desktop_players,
    following,
    osc_feed,
    player_feeds,
    players,
    sender_clock,
    start,
    timecode,
    timing,
    vlc_formats,
)

BENCHES = {
    "compile": compile_speed.run,
    "following": following.run,
    "player-feeds": player_feeds.run,
    "players": players.run,
    "desktop": desktop_players.run,
    "vlc-formats": vlc_formats.run,
    "timecode": timecode.run,
    "osc_feed": osc_feed.run,
    "sender_clock": sender_clock.run,
    "timing": timing.run,
    "start": start.run,
}

WITH_OPTIONS = {"players": players.run, "following": following.run}


def main() -> None:
    """Run what the command line names."""
    names = sys.argv[1:]
    if names and names[0] in WITH_OPTIONS:
        WITH_OPTIONS[names[0]](names[1:])
        return
    for name in names or BENCHES:
        print(f"== {name}")
        BENCHES[name]()


main()
