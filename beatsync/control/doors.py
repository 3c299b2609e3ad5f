"""Who may use the API, at each of its doors: decided on the headers, before anything else of a request is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from beatsync.web.admission import check_host, check_origin, check_token, strange_origin
from beatsync.web.refusals import Refusal, Unadmitted

PAGE: Final = frozenset({"/", "/page.css", "/page.js"})
"""What anybody may have who reaches the port: it says nothing of the show."""

_SECRETS: Final = frozenset({"token", "access_token", "key", "api_key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in. `trusted`: only the daemon's own user can come this way, and no web page can.

    `token`: what requests must carry, None for nothing. `origins`: web pages that may use it, beside its own; `hosts`:
    names, beside addresses, that this machine goes by.
    """

    name: str
    trusted: bool = False
    token: str | None = None
    origins: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def admit(self, headers: Mapping[str, str], path: str, query: str) -> None:
        """Raises Refusal unless who sent these headers (by small names) may go on."""
        if self.trusted:
            return
        check_host(headers, self.hosts)
        check_origin(headers, self.origins, own=f"http://{headers.get('host', '')}")
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not self._is_asked_for(headers, path):
            raise strange_origin()
        if any(name.lower() in _SECRETS for name, _ in parse_qsl(query)):
            raise Refusal(Unadmitted.IN_URL, 401, "send the token as a header: Authorization: Bearer TOKEN")
        if path not in PAGE:
            check_token(headers, self.token)

    def _is_asked_for(self, headers: Mapping[str, str], path: str) -> bool:
        """Whether what another site's page sends here is in order: it is listed, or only has a link to the page."""
        return headers.get("origin") in self.origins or (path == "/" and headers.get("sec-fetch-mode") == "navigate")

    def grants(self, origin: str | None) -> Mapping[str, str]:
        """The headers that let a listed page read the answer; none for any other."""
        if origin is None or origin not in self.origins:
            return {}
        return {"access-control-allow-origin": origin, "vary": "origin"}
