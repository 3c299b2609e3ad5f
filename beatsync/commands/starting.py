"""What `beatsync run` does first of all: start the conductor, which gets ready while the daemon is still reading."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import click

from beatsync.conductor.remote.dismissing import is_conductor_at
from beatsync.conductor.remote.spawning import Starter
from beatsync.control.socket_path import conductor_directory, control_socket_path
from beatsync.errors import is_refusal

SERVICE: Final = "service"
"""What BEATSYNC_CONDUCTOR says where systemd starts it."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """No collection looks again and again at what reading the program leaves behind, which stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def conductor_ahead(environment: Mapping[str, str], *, fresh: bool) -> Iterator[Starter | None]:
    """What starts conductors, with one under way unless one is there; None where systemd does it.

    `fresh`: one that ends what was being played when its predecessor died. Where the daemon does not get as far as to
    play with it, it is ended again.
    """
    if environment.get("BEATSYNC_CONDUCTOR") == SERVICE:
        yield None
        return
    directory = conductor_directory(control_socket_path(environment))
    starter = Starter()
    is_there = is_conductor_at(directory)
    if not is_there:
        starter.start(directory, fresh=fresh)
    try:
        yield starter
    except Exception as error:
        if is_there and is_refusal(error):
            click.echo("beatsync: a conductor is there, and plays on; end it with: beatsync stop --all", err=True)
        raise
    finally:
        starter.end_unused()
