"""Which process has a port."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys

import pytest

from beatsync.port_holders import holder_of, why_not

TAKEN = OSError(errno.EADDRINUSE, "Address already in use")
HOLD = """
import socket, sys, time
family, kind = socket.AF_INET, {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}[sys.argv[1]]
taken = socket.socket(family, kind)
taken.bind(("127.0.0.1", 0))
if sys.argv[1] == "tcp":
    taken.listen()
print(taken.getsockname()[1], flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_another_process_is_named(carrier: str) -> None:
    """L7"""
    with subprocess.Popen([sys.executable, "-c", HOLD, carrier], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        assert why_not(TAKEN, port, carrier).startswith(f"address already in use by process {other.pid} (python")
        other.kill()
    assert holder_of(port, carrier) == ""


def test_ports_of_either_family_are_found() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mine:
        mine.bind(("::1", 0))
        assert holder_of(mine.getsockname()[1], "udp").startswith(f"process {os.getpid()} (")


def test_where_it_cannot_be_told_nobody_is_accused() -> None:
    assert why_not(TAKEN, 0, "tcp") == "address already in use; is another program using it?"
    assert why_not(OSError(errno.EACCES, "Permission denied"), 80, "tcp") == "permission denied"
