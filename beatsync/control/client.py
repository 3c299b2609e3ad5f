"""The command line's side of the control socket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from beatsync.errors import ControlError

_SECONDS: Final = 3.0


def ask_daemon(path: Path, command: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Send `command` to the daemon at `path`; returns its status. Raises ControlError if there is none or a refusal."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), timeout=_SECONDS, trust_env=False) as client:
            if command == "status":
                response = client.get("http://beatsync/v1/status")
            else:
                response = client.post(f"http://beatsync/v1/{command}", json=body)
        answer = response.json()
    except httpx.ConnectError as error:
        raise ControlError(f"no beatsync is running at {path}; start one with: beatsync run CONFIG") from error
    except (httpx.HTTPError, ValueError) as error:
        raise ControlError(f"the daemon at {path} gave no answer: {str(error) or type(error).__name__}") from error
    if response.status_code != httpx.codes.OK:
        raise _error_in(answer, command, response.reason_phrase)
    return dict(answer)


def _error_in(answer: object, command: str, reason: str) -> ControlError:
    """What the daemon says is wrong."""
    error = answer.get("error") if isinstance(answer, dict) else None
    message = error.get("message", reason) if isinstance(error, dict) else reason
    return ControlError(f"the daemon refused {command}: {message}")
