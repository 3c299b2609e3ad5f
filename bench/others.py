"""What people use instead, as far as it can be installed on this machine: sequencers that send OSC.

Pd and SuperCollider from Debian, isobar and Sardine from PyPI in environments of their own, made here and kept in the
folder for temporary files. What cannot be had is left out of the tables, with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

from beatsync.measuring.receiver import Receivers
from bench.rivals import HERE, OwnGrid

PACKAGES = {"isobar": ["isobar==0.2.1", "python-osc"], "sardine": ["sardine-system==0.4.0"]}
PLAN_LINE = "{gap:.4f} {number}"


def others(receivers: Iterator[Receivers]) -> Iterator[OwnGrid]:
    """Those that are there, each with a receiver of its own."""
    for make in (_pd, _supercollider, _isobar, _sardine):
        try:
            yield make(next(receivers))
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{make.__name__.strip('_')} is left out: {error}")


def _pd(receivers: Receivers) -> OwnGrid:
    """A qlist to oscformat to netsend, with real-time priority, without sound."""
    start = "port {port}; begin symbol {plan}"
    patch = str(HERE / "list.pd")
    command = (_there("pd", "puredata-core"), "-nogui", "-noaudio", "-rt", "-open", patch, "-send", start)
    return OwnGrid(
        "Pd, qlist to netsend", command, os.environ, "{gap:.4f} measure {number};", "500 pd quit;", receivers
    )


def _supercollider(receivers: Receivers) -> OwnGrid:
    """A Routine on a TempoClock that sends from the language, as one does to programs other than its own server."""
    headless = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
        "XDG_RUNTIME_DIR": gettempdir(),
    }
    script = str(HERE / "tempo_clock.scd")
    command = (_there("sclang", "supercollider-language"), "-D", script, "{plan}", "{port}")
    return OwnGrid("SuperCollider, TempoClock", command, headless, PLAN_LINE, "", receivers)


def _isobar(receivers: Receivers) -> OwnGrid:
    command = (str(_python_with("isobar")), str(HERE / "isobar_timeline.py"), "{plan}", "{port}")
    return OwnGrid("isobar, Timeline", command, os.environ, PLAN_LINE, "", receivers)


def _sardine(receivers: Receivers) -> OwnGrid:
    command = (str(_python_with("sardine")), str(HERE / "sardine_swim.py"), "{plan}", "{port}")
    return OwnGrid("Sardine, swim", command, os.environ, PLAN_LINE, "", receivers)


def _there(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise FileNotFoundError(f"needs the Debian package {package}: apt-get install {package}")
    return path


def _python_with(name: str) -> Path:
    """An interpreter that has these packages."""
    folder = Path(gettempdir()) / f"beatsync-bench-{name}"
    python, whole = folder / "bin" / "python", folder / "whole"
    if not whole.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[name]]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
        whole.touch()
    return python
