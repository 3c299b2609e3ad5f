"""Being told by the operating system that something happens in a folder: watchfiles, in a thread of its own.

watchfiles' own coroutine cannot be cancelled under trio before its thread has waited for seconds. What exactly has
happened is of no interest: whoever is told looks for himself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import trio

from beatsync.reloading.files import Look

GATHER_MS: Final = 100
"""Things that happen within so long of each other are told once; the thread wakes as often to see whether it is over.

Measured: waking ten times a second takes 0.04 % of a core.
"""


@contextmanager
def told_of(look: Look, event: trio.Event) -> Iterator[None]:
    """Set `event` when something has happened to a file of that name, or to its folder; as long as the context lasts.

    What else happens in the folders, where logs may be written, wakes nobody.

    Where the system cannot tell, nobody is told: too many folders are watched already, or it has no such thing.
    """
    over = threading.Event()
    token = trio.lowlevel.current_trio_token()
    threading.Thread(target=_watch, args=(look, over, token, event), name="file watcher", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def matters(happened_to: Path, look: Look) -> bool:
    """Whether that is one of the files, or a folder that they are in."""
    return happened_to.name in look.names or happened_to in look.folders


def _watch(look: Look, over: threading.Event, token: trio.lowlevel.TrioToken, event: trio.Event) -> None:
    # Read only now: a show starts without it.
    from watchfiles import watch  # noqa: PLC0415

    try:
        happenings = watch(
            *map(str, look.folders),
            watch_filter=lambda _, path: matters(Path(path), look),
            step=GATHER_MS,
            stop_event=over,
            raise_interrupt=False,
            recursive=False,
            ignore_permission_denied=True,
        )
        for _ in happenings:
            token.run_sync_soon(event.set)
    except (OSError, RuntimeError):  # RuntimeError: watchfiles' own, or a loop that has ended meanwhile
        return
