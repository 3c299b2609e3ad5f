"""The client of AudioScape: of its track-structure endpoint, and of the one for playlists.

Never follows a redirect, never obeys the proxies of the environment, never shows the key, and never takes longer
than its budget before the document is there or the error is raised.
"""

from __future__ import annotations

import itertools
import random  # noqa: TID251  the shell draws jitter
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

import httpx
import trio

from beatsync.clock import Clock
from beatsync.core.document import ParsedTrack, parse_track
from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.core.units import DurationNs, HostNs, seconds_from_ns
from beatsync.errors import SourceError, SourceRefused, SourceUnreachable
from beatsync.secret import Secret
from beatsync.sources.answers import (
    MAX_ERROR_BYTES,
    Failure,
    failure_of_body,
    failure_of_status,
    key_echoed,
    too_large,
)
from beatsync.sources.assets import check_identity, checked_asset_id, playlist_name, source_name
from beatsync.sources.bodies import ACCEPTED_ENCODINGS, Damaged, TooLarge, read_body
from beatsync.sources.connection_faults import failure_of_exception
from beatsync.sources.playlist_document import parse_playlist
from beatsync.sources.retry import PATIENCE, DoesNotFit, NoTriesLeft, RetryPolicy, Wait, asked_wait, next_step
from beatsync.sources.settings import AudioScapeSettings


@dataclass(frozen=True, slots=True)
class Fetched:
    """A track document as it came, and what is in it."""

    document: bytes
    parsed: ParsedTrack


@dataclass(frozen=True, slots=True)
class FetchedPlaylist:
    """A playlist as it came, and what is in it."""

    document: bytes
    asset_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked. `name`: what messages call it; `what`: what sort of thing it is."""

    name: str
    what: str
    url: str
    body: Mapping[str, str]


class AudioScape:
    """An async context manager: connections are kept while it is open. Safe to use from several tasks."""

    def __init__(
        self,
        settings: AudioScapeSettings,
        key: Secret,
        *,
        clock: Clock,
        policy: RetryPolicy = PATIENCE,
        share: Callable[[], float] = random.random,
        progress: Callable[[str], None] = lambda _text: None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`share`: draws 0 to 1 for the jitter; `tls`: instead of the system's trust; `transport`: of the network.

        `progress`: is told in a line for people that an asset is asked for, and why it is asked for again, and when.
        """
        self._settings = settings
        self._key = key
        self._clock = clock
        self._policy = policy
        self._share = share
        self._progress = progress
        self._client = httpx.AsyncClient(
            verify=tls or ssl.create_default_context(),
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113  the budget bounds the whole, and httpx's would bound each part
        )

    async def __aenter__(self) -> Self:
        """Opens no connection yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes every connection."""
        await self._client.aclose()

    async def fetch(self, asset_id: str, *, force: bool = False) -> Fetched:
        """The structure of an asset. `force`: take a document that says it is of another asset.

        Raises UsageError for what is no asset id, SourceRefused where asking again is of no use, SourceUnreachable
        where no usable answer came within the budget, TrackError where what came cannot be used.
        """
        source = source_name(checked_asset_id(asset_id))
        document = await self._document(
            _Question(source, "asset", self._settings.structure_url, {"asset_id": asset_id})
        )
        # After the deadline's scope: what the network took is bounded, what parsing takes is not the network's fault.
        parsed = await trio.to_thread.run_sync(partial(parse_track, document, source=source))
        check_identity(parsed, asset_id, force=force)
        return Fetched(document, parsed)

    async def fetch_playlist(self, playlist_id: str) -> FetchedPlaylist:
        """The tracks of a playlist. Raises as `fetch`."""
        name = playlist_name(checked_asset_id(playlist_id))
        question = _Question(name, "playlist", self._settings.playlist_url, {"playlist_id": playlist_id})
        document = await self._document(question)
        return FetchedPlaylist(document, parse_playlist(document, source=name))

    async def _document(self, question: _Question) -> bytes:
        budget = self._policy.budget
        deadline = HostNs(self._clock.now() + budget)
        met: list[Failure] = []
        self._tell(question, f"asking {self._settings.host}")
        with trio.move_on_after(seconds_from_ns(budget)):
            return await self._tries(question, deadline, met)
        last = f" (before that: {met[-1].problem})" if met else ""
        raise self._error(
            question,
            SourceUnreachable,
            f"no complete answer from {self._settings.host} within {_seconds(budget)}{last}; try later",
        )

    async def _tries(self, question: _Question, deadline: HostNs, met: list[Failure]) -> bytes:
        """The document from the first try that gives one. `met` collects what the others met."""
        for failures in itertools.count(1):
            answer = await self._try(question)
            if isinstance(answer, bytes):
                return answer
            met.append(answer)
            if not answer.again:
                raise self._error(question, answer.error, answer.message())
            match self._next_step(failures, answer, deadline):
                case Wait(duration):
                    number = f"{failures + 1} of {self._policy.tries}"
                    self._tell(question, f"{answer.problem}; asking again in {_seconds(duration)} ({number})")
                    await trio.sleep(seconds_from_ns(duration))
                case NoTriesLeft():
                    raise self._error(question, answer.error, answer.message(f"tried {failures} times"))
                case DoesNotFit(wait):
                    given_up = f"not tried again: that would be in {_seconds(wait)}, beyond the time allowed"
                    raise self._error(question, answer.error, answer.message(given_up))
        raise AssertionError("itertools.count ended")

    def _next_step(self, failures: int, failure: Failure, deadline: HostNs) -> Wait | NoTriesLeft | DoesNotFit:
        return next_step(
            self._policy,
            failures=failures,
            asked=asked_wait(self._policy, failure.asked, self._clock.wall()),
            share=self._share(),
            left=DurationNs(deadline - self._clock.now()),
        )

    async def _try(self, question: _Question) -> bytes | Failure:
        """One request. Foreign exceptions end here, as values, so that none that holds the request is ever chained."""
        request = self._client.build_request(
            "POST",
            question.url,
            json=dict(question.body),
            headers={"x-api-key": self._key.reveal(), "accept-encoding": ACCEPTED_ENCODINGS},
        )
        try:
            response = await self._client.send(request, stream=True)
            try:
                return await _document_in(response, self._key, question.what)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return failure_of_exception(error, self._settings.host)

    def _tell(self, question: _Question, text: str) -> None:
        self._progress(self._key.hide_in(f"{question.name}: {text}"))

    def _error(self, question: _Question, kind: type[SourceError], message: str) -> SourceError:
        return kind(self._key.hide_in(f"{question.name}: {message}"))


class Keyless:
    """Stands in for the client where there is no key, so that what is in the cache can still be played."""

    def __init__(self, reason: str) -> None:
        """`reason`: why there is none, and what to do about it."""
        self._reason = reason

    async def fetch(self, asset_id: str, *, force: bool = False) -> Fetched:  # noqa: ARG002  the client's face
        """Raises SourceRefused, or UsageError for what is no asset id."""
        checked_asset_id(asset_id)
        raise SourceRefused(self._reason)

    async def fetch_playlist(self, playlist_id: str) -> FetchedPlaylist:
        """The same."""
        checked_asset_id(playlist_id)
        raise SourceRefused(self._reason)


async def _document_in(response: httpx.Response, key: Secret, what: str) -> bytes | Failure:
    """The response's body, if it may be the document that was asked for. httpx's exceptions pass through.

    The key is hidden from what judges the answer: cut short there, an echo of it could no longer be found later.
    """
    explained = await _beginning(response) if response.status_code == httpx.codes.BAD_REQUEST else b""
    explained = key.hide_in_bytes(explained)
    failure = failure_of_status(response.status_code, response.headers, explained, what=what)
    if failure:
        return failure
    encoding = response.headers.get("content-encoding", "")
    match await read_body(response.aiter_raw(), encoding=encoding, limit=MAX_DOCUMENT_BYTES):
        case TooLarge():
            return too_large()
        case Damaged(reason):
            return Failure(problem=f"answered with {reason}", remedy="try later", error=SourceUnreachable, again=True)
        case bytes() as body:
            kind = key.hide_in(response.headers.get("content-type", ""))
            failure = failure_of_body(kind, key.hide_in_bytes(body))
            return failure or (key_echoed() if key.is_echoed_in(body) else body)


async def _beginning(response: httpx.Response) -> bytes:
    """The body of an error where it can be read whole; nothing where not: the status alone says enough."""
    encoding = response.headers.get("content-encoding", "")
    try:
        body = await read_body(response.aiter_raw(), encoding=encoding, limit=MAX_ERROR_BYTES)
    except httpx.HTTPError:
        return b""
    return body if isinstance(body, bytes) else b""


def _seconds(duration: DurationNs) -> str:
    return f"{seconds_from_ns(duration):.3g} s"
