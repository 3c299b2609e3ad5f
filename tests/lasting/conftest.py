"""A machine for the tests, on which nothing but its clock is unreal."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import trio

from beatsync.conductor.remote.packing import Packing
from tests.lasting import machine


@pytest.fixture(autouse=True)
def _one_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads would run away from virtual time, and signals are for the process that runs the tests."""
    monkeypatch.setattr(trio, "open_signal_receiver", machine.signals_of_the_machine)
    monkeypatch.setattr(Packing, "pack", machine.pack_at_once)
    yield
    gc.unfreeze()
