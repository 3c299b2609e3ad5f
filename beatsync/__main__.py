"""The entry point of `beatsync` and of `python -m beatsync`: quiet about a Ctrl-C from the first instant."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from beatsync.cli import main as command_line  # noqa: PLC0415  reading it takes a moment, too

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
