"""What was measured, kept in docs/timing-results.json section by section, each with its day and the machine's load."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent.parent / "docs" / "timing-results.json"
BUSY_LOAD = 1.0
"""A load beyond this before a measurement is other people's: its figures are those of a busy machine."""


def results() -> dict[str, Any]:
    """All sections; none where nothing has been measured."""
    return dict(json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def keep(section: str, record: Any, load: float) -> None:
    """Put a section in place of what it was before. `load`: before it was measured."""
    whole = results()
    whole["machine"] = machine()
    whole[section] = {"day": time.strftime("%Y-%m-%d"), "load": round(load, 2), "found": record}
    RESULTS.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def load_now() -> float:
    """How busy the machine has been in the last minute."""
    return os.getloadavg()[0]


def machine() -> dict[str, Any]:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {
        "cpu": next(names, platform.machine()),
        "cores": os.cpu_count(),
        "virtual": any(line.startswith("flags") and "hypervisor" in line.split() for line in lines),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
