"""A machine for the tests, on which nothing but its clock is unreal."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import trio

from beatsync.conductor.process import performer
from beatsync.conductor.remote.packing import Packing
from tests.lasting import machine


@pytest.fixture(autouse=True)
def _one_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads would run away from virtual time, signals are for whoever runs the tests, and conductors are watched."""
    monkeypatch.setattr(trio, "open_signal_receiver", machine.signals_of_the_machine)
    monkeypatch.setattr(performer, "Conductor", machine.WatchedConductor)
    monkeypatch.setattr(Packing, "pack", machine.pack_at_once)
    yield
    gc.unfreeze()
