"""httpx's exceptions, and those beneath them, turned into `Failure`s: the one place that knows them all."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

from beatsync.errors import SourceUnreachable
from beatsync.sources.answers import Failure, one_line

# X509_V_ERR_…, from OpenSSL's x509_vfy.h.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED: Final = frozenset({18, 19})
_WRONG_NAME: Final = frozenset({62, 64})

_CLOCK: Final = "check this machine's date and time first"
_ONLINE: Final = "check that this machine is online"
_PORTAL: Final = "log in to the venue's network if it has a log-in page"


def failure_of_exception(error: Exception, host: str) -> Failure:
    """What an exception of httpx, or a bare OSError, says of the connection to `host`."""
    known = (_failure_of_cause(cause, host) for cause in _chain(error))
    return next((failure for failure in known if failure), None) or _failure_of_kind(error, host)


def _failure_of_cause(cause: BaseException, host: str) -> Failure | None:
    match cause:
        case ssl.SSLCertVerificationError():
            problem, remedy = _certificate_problem(cause, host)
            return Failure(problem=problem, remedy=remedy, error=SourceUnreachable)
        case ssl.SSLError():
            return _passing(f"no secure connection to {host} ({one_line(str(cause.reason))})", _PORTAL)
        case socket.gaierror():
            return _passing(f"no address found for {host}", _ONLINE)
        case ConnectionRefusedError():
            return _passing(f"{host} refused the connection", "check AUDIOSCAPE_URL, and for a firewall")
        case _:
            return None


def _failure_of_kind(error: Exception, host: str) -> Failure:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return _passing(f"no connection to {host}", _ONLINE)
    if isinstance(error, httpx.ProtocolError):
        return _passing(f"{host} did not speak proper HTTP ({one_line(str(error), 100)})", _PORTAL)
    return _passing(f"the connection to {host} broke off", "try later")


def _passing(problem: str, remedy: str) -> Failure:
    return Failure(problem=problem, remedy=remedy, error=SourceUnreachable, again=True)


def _certificate_problem(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    """What is wrong with it, and what to do."""
    code = error.verify_code
    if code == _EXPIRED:
        return f"the certificate of {host} has expired, or seems so", _CLOCK
    if code == _NOT_YET_VALID:
        return f"the certificate of {host} is not valid yet, or seems so", _CLOCK
    if code in _WRONG_NAME:
        return f"the certificate is for another host than {host}", _PORTAL
    if code in _SELF_SIGNED:
        return f"the certificate of {host} is self-signed, so nobody vouches for it", _PORTAL
    return f"the certificate of {host} is not trusted ({one_line(error.verify_message)})", _PORTAL


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what caused it, down through groups: trio gathers the attempts at every address."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _chain(inner)
        error = error.__cause__ or error.__context__
