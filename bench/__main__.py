"""`python -m bench [NAME...]`: all measurements, or those named."""

from __future__ import annotations

import sys

from bench import compile_speed, desktop_players, vlc_formats

BENCHES = {"compile": compile_speed.run, "desktop": desktop_players.run, "vlc-formats": vlc_formats.run}


def main() -> None:
    """Run what the command line names."""
    for name in sys.argv[1:] or BENCHES:
        print(f"== {name}")
        BENCHES[name]()


main()
