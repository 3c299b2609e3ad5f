"""A10: whom the client trusts, and what it says where it does not."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Final

import pytest
import trio
import trustme

from beatsync.errors import SourceUnreachable
from tests.sources.audioscape_server import AudioScapeServer
from tests.sources.clients import KEY, client_of
from tests.sources.documents import ASSET, document

AUTHORITY: Final = trustme.CA()
PAST: Final = datetime(2001, 1, 1, tzinfo=UTC)
LESS_PAST: Final = datetime(2002, 1, 1, tzinfo=UTC)
FUTURE: Final = datetime(2090, 1, 1, tzinfo=UTC)


def trusting_the_authority() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def serving(*certificates: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    for certificate in certificates:
        certificate.configure_cert(context)
    return context


async def start(nursery: trio.Nursery, tls: ssl.SSLContext, name: str = "localhost") -> AudioScapeServer:
    server = AudioScapeServer(key=KEY, documents={ASSET: document()}, tls=tls, name=name)
    await nursery.start(server.serve)
    return server


async def refusal(server: AudioScapeServer, trust: ssl.SSLContext | None = None) -> str:
    """What the client says of a server that it does not trust, once it is certain that the key stayed here."""
    async with client_of(server.url, tls=trust or trusting_the_authority()) as client:
        with pytest.raises(SourceUnreachable) as refused:
            await client.fetch(ASSET)
    assert server.seen == []
    assert "times" not in str(refused.value)
    assert str(refused.value).isprintable()
    return str(refused.value)


async def test_a_certificate_that_is_vouched_for_is_trusted(nursery: trio.Nursery) -> None:
    """A10."""
    server = await start(nursery, serving(AUTHORITY.issue_cert("localhost")))
    async with client_of(server.url, tls=trusting_the_authority()) as client:
        assert (await client.fetch(ASSET)).document == document()


async def test_an_expired_certificate_is_named_and_so_is_the_clock(nursery: trio.Nursery) -> None:
    """A10: a machine whose clock has run ahead sees every certificate as expired."""
    certificate = AUTHORITY.issue_cert("localhost", not_before=PAST, not_after=LESS_PAST)
    message = await refusal(await start(nursery, serving(certificate)))
    assert "the certificate of localhost has expired" in message
    assert "check this machine's date and time" in message


async def test_a_certificate_of_the_future_is_named_and_so_is_the_clock(nursery: trio.Nursery) -> None:
    """A10: a machine without a battery starts in 1970, where no certificate is valid yet."""
    certificate = AUTHORITY.issue_cert("localhost", not_before=FUTURE, not_after=datetime(2091, 1, 1, tzinfo=UTC))
    message = await refusal(await start(nursery, serving(certificate)))
    assert "is not valid yet" in message
    assert "check this machine's date and time" in message


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
async def test_a_certificate_for_another_host_is_named(nursery: trio.Nursery, name: str) -> None:
    """A10."""
    message = await refusal(await start(nursery, serving(AUTHORITY.issue_cert("portal.example")), name))
    assert f"the certificate is for another host than {name}" in message


async def test_a_self_signed_certificate_is_named(nursery: trio.Nursery) -> None:
    """A10."""
    stranger = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with stranger.cert_pem.tempfile() as certificate, stranger.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    assert "is self-signed" in await refusal(await start(nursery, context))


async def test_a_certificate_of_an_unknown_authority_is_named(nursery: trio.Nursery) -> None:
    """A10: the client trusts what the system trusts, unless it is told otherwise."""
    server = await start(nursery, serving(AUTHORITY.issue_cert("localhost")))
    message = await refusal(server, ssl.create_default_context())
    assert "is not trusted (unable to get local issuer certificate)" in message or "is self-signed" in message


async def test_a_port_that_speaks_no_tls_is_an_error_of_one_line(nursery: trio.Nursery) -> None:
    """A10: a portal that answers in clear text on port 443."""
    plain = AudioScapeServer(key=KEY, documents={})
    await nursery.start(plain.serve)
    async with client_of(f"https://127.0.0.1:{plain.port}") as client:
        with pytest.raises(SourceUnreachable, match=r"no secure connection to 127\.0\.0\.1"):
            await client.fetch(ASSET)
    assert plain.seen == []
