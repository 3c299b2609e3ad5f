"""What systemd is told."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from beatsync.service import notify
from tests.needs import needs

UNITS = Path(__file__).parent.parent / "systemd"


def test_a_service_manager_is_told_through_its_socket(tmp_path: Path) -> None:
    path = tmp_path / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        assert notify("READY=1", {"NOTIFY_SOCKET": str(path)})
        assert manager.recv(100) == b"READY=1"


def test_an_abstract_socket_works_too(tmp_path: Path) -> None:
    name = f"beatsync-test-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        assert notify("STOPPING=1", {"NOTIFY_SOCKET": f"@{name}"})
        assert manager.recv(100) == b"STOPPING=1"


def test_without_a_service_manager_nobody_is_told_and_nothing_breaks(tmp_path: Path) -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")})
    assert not notify("READY=1", {"NOTIFY_SOCKET": "relative"})


def test_the_units_are_ones_that_systemd_accepts(tmp_path: Path) -> None:
    analyze = needs("systemd", "systemd-analyze")
    units = [shutil.copy(unit, tmp_path) for unit in sorted(UNITS.glob("*.service"))]
    assert len(units) == 3
    result = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_both_units_of_the_show_are_one_user_with_one_directory_that_outlives_them() -> None:
    """The daemon finds the conductor, and a conductor its predecessor's journal."""
    for unit in ("beatsync.service", "beatsync-conductor.service"):
        lines = (UNITS / unit).read_text().splitlines()
        for line in ("User=beatsync", "DynamicUser=yes", "RuntimeDirectory=beatsync", "RuntimeDirectoryPreserve=yes"):
            assert line in lines
