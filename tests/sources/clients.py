"""Clients for tests: the real one, with waits of a millisecond and no jitter."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import httpx

from beatsync.clock import Clock, SystemClock
from beatsync.core.units import ms
from beatsync.secret import Secret
from beatsync.sources.audioscape import AudioScape
from beatsync.sources.retry import PATIENCE, RetryPolicy
from beatsync.sources.settings import AudioScapeSettings

KEY: Final = "sk-live-0123456789abcdef"
QUICK: Final = replace(PATIENCE, first_wait=ms(1), longest_wait=ms(4), least_asked=ms(1))


def client_of(
    url: str,
    *,
    key: str = KEY,
    policy: RetryPolicy = QUICK,
    tls: ssl.SSLContext | None = None,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> AudioScape:
    """A client of the server at `url`."""
    return AudioScape(
        AudioScapeSettings(url),
        Secret(key),
        clock=clock or SystemClock(),
        policy=policy,
        share=lambda: 0.0,
        progress=progress,
        tls=tls,
        transport=transport,
    )
