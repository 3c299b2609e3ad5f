"""`python -m bench [NAME...]`: all measurements, or those named."""

from __future__ import annotations

import sys

from bench import (
    compile_speed,
    desktop_players,
    following,
    osc_feed,
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
    "players": players.run,
    "desktop": desktop_players.run,
    "vlc-formats": vlc_formats.run,
    "timecode": timecode.run,
    "osc_feed": osc_feed.run,
    "sender_clock": sender_clock.run,
    "timing": timing.run,
    "start": start.run,
}


def main() -> None:
    """Run what the command line names."""
    for name in sys.argv[1:] or BENCHES:
        print(f"== {name}")
        BENCHES[name]()


main()
