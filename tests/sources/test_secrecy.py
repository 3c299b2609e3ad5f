"""C10, A9, A14: the key goes to AudioScape alone, and nobody reads it here."""

from __future__ import annotations

import json
import logging
import traceback
from dataclasses import replace

import pytest
import trio

from beatsync.core.units import ms
from beatsync.errors import BeatsyncError, SourceError
from tests.sources.audioscape_server import AudioScapeServer, Fault, page, raw, redirect, silence, status
from tests.sources.clients import KEY, QUICK, client_of
from tests.sources.documents import ASSET, document

BRIEF = replace(QUICK, budget=ms(150))


async def test_a_redirect_takes_the_key_nowhere(server: AudioScapeServer, nursery: trio.Nursery) -> None:
    """A9."""
    elsewhere = AudioScapeServer(key=KEY, documents={ASSET: document()})
    await nursery.start(elsewhere.serve)
    for code in (301, 302, 303, 307, 308):
        server.script.append(redirect(f"{elsewhere.url}/developer/v1/track/structure?key={KEY}", code))
        async with client_of(server.url) as client:
            with pytest.raises(SourceError, match=r"redirected .* to http://127\.0\.0\.1; not followed"):
                await client.fetch(ASSET)
    assert elsewhere.seen == []


async def test_the_proxies_of_the_environment_are_not_used(
    server: AudioScapeServer, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A14."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("NO_PROXY", "")
    async with client_of(server.url) as client:
        assert (await client.fetch(ASSET)).document == document()


ECHOES = [
    status(400, json.dumps({"error": f"{'.' * 190}{KEY}"}).encode()),
    status(400, json.dumps({"error": f"no such key {KEY}"}).encode()),
    status(200, document(), Content_Type=f"text/{KEY}"),
    page(f"<html><title>{KEY}</title>"),
    page(f"<html><title>{'.' * 50}{KEY}</title>"),
    redirect(f"https://{KEY}.example/{KEY}"),
    raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
    status(200, json.dumps({"error": f"wrong key {KEY}"}).encode()),
    status(200, document(label=KEY)),
    status(401),
    status(503),
    silence(),
]


@pytest.mark.parametrize("fault", ECHOES)
async def test_the_key_is_in_no_error_no_log_and_no_representation(
    server: AudioScapeServer, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    """C10: not even where the server sends it back."""
    server.always = fault
    with caplog.at_level(logging.DEBUG):
        async with client_of(server.url, policy=BRIEF) as client:
            with pytest.raises(BeatsyncError) as refused:
                await client.fetch(ASSET)
            shown = [repr(client), str(vars(client)), *map(repr, vars(client).values())]
    told = "".join(traceback.format_exception(refused.value))
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    for start in range(len(KEY) - 8):
        assert KEY[start : start + 8] not in "".join([told, *shown])
    # What the far end sends is httpcore's to log; what we send is not to be.
    sent = [record.getMessage() for record in caplog.records if "receive_response" not in record.getMessage()]
    assert KEY not in "".join(sent)
