"""How a command ends: what went wrong becomes one line on standard error, and an exit code of sysexits.h.

Nobody is ever shown a traceback. What nobody thought of is a fault of beatsync's own: the line says so, and where its
details are.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Final

import click

from beatsync import __version__
from beatsync.errors import BeatsyncError, UsageError, leaves_of
from beatsync.folders import state_folder

FAULT: Final = BeatsyncError.exit_code
INTERRUPTED: Final = 130
"""As shells have it: 128 and the number of SIGINT."""

_DETAILS: Final = "last-fault.txt"
_KEY_VARIABLE: Final = "AUDIOSCAPE_API_KEY"
_SHOWN: Final = 200


def exit_code_of(command: Callable[[], object], environment: Mapping[str, str] = os.environ) -> int:
    """Run `command` and have everything written that it has printed. Ctrl-C is no error, and says nothing."""
    try:
        try:
            command()
        finally:
            sys.stdout.flush()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except BaseException as error:  # noqa: BLE001  whatever it is, it ends here
        return _told(error, environment)
    return 0


def tell_faults_of_threads(environment: Mapping[str, str] = os.environ) -> None:
    """What goes wrong in a thread of its own is told in the same way. The program goes on."""

    def hook(raised: threading.ExceptHookArgs) -> None:
        if raised.exc_value is not None:
            _tell_fault(raised.exc_value, environment)

    threading.excepthook = hook


def _told(error: BaseException, environment: Mapping[str, str]) -> int:
    """Say what went wrong; the exit code. What nurseries have wrapped in groups is unwrapped."""
    leaves = list(leaves_of(error))
    if any(isinstance(leaf, KeyboardInterrupt | click.Abort) for leaf in leaves):
        return INTERRUPTED
    ours = [leaf for leaf in leaves if isinstance(leaf, BeatsyncError)]
    if len(ours) == len(leaves):
        for line in dict.fromkeys(map(str, ours)):
            click.echo(f"beatsync: {line}", err=True)
        return max(leaf.exit_code for leaf in ours)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return UsageError.exit_code
    _tell_fault(error, environment)
    return FAULT


def _tell_fault(error: BaseException, environment: Mapping[str, str]) -> None:
    leaf = next(leaves_of(error))
    text = " ".join(f"{type(leaf).__name__}: {leaf}".split()).removesuffix(":")
    text = _without_secret(text, environment)[:_SHOWN]
    details = _details_written(error, environment)
    click.echo(f"beatsync: this is a fault of beatsync: {text}; {details}", err=True)


def _details_written(error: BaseException, environment: Mapping[str, str]) -> str:
    """Write down what whoever mends it needs to know; where that is."""
    told = "".join(traceback.format_exception(error))
    head = f"beatsync {__version__}, Python {sys.version}, {sys.platform}\n{sys.argv}\n\n"
    folder = state_folder(environment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / _DETAILS
        file.write_text(_without_secret(head + told, environment), errors="backslashreplace")
    except OSError as hindrance:
        return f"its details cannot be written to {folder} ({hindrance.strerror})"
    return f"please report it with {file}"


def _without_secret(text: str, environment: Mapping[str, str]) -> str:
    secret = environment.get(_KEY_VARIABLE, "")
    return text.replace(secret, "***") if secret else text
