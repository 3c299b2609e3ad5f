"""`python -m beatsync.conductor DIRECTORY`: the conductor's process. The daemon starts it; nobody else needs to."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from beatsync.conductor.process.priority import claim_priority
from beatsync.errors import BeatsyncError


def serve(directory: Path, *, private: bool = False, fresh: bool = False) -> None:
    """Serve in `directory`; `private`: for one daemon only; `fresh`: without going on. Raises BeatsyncError."""
    claim_priority()
    # All else is read at that priority.
    import trio  # noqa: PLC0415

    from beatsync.clock import SystemClock  # noqa: PLC0415
    from beatsync.conductor.process.hosting import host  # noqa: PLC0415
    from beatsync.conductor.process.precision import make_punctual  # noqa: PLC0415

    clock = SystemClock()
    trio.run(partial(host, directory, clock=clock, precision=make_punctual(), private=private, fresh=fresh))


def main(arguments: list[str]) -> int:
    """Serve in the directory named first; `--private`: for one daemon only; `--fresh`: not going on with anything."""
    directory, *options = arguments
    try:
        serve(Path(directory), private="--private" in options, fresh="--fresh" in options)
    except BeatsyncError as error:
        print(f"beatsync: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
