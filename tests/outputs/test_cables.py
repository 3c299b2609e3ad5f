"""What only a network can do: a host that is absent, a cable that is pulled. In network namespaces of the tests' own.

Rows N2, N3 and N7 of faults.md. Needs root and iproute2.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.needs import needs

# Runs inside the sender's namespace: opens the target, then does what the test says, one word a line.
SENDER = """
import sys, trio
from beatsync.clock import SystemClock
from beatsync.core.targets import Carrier, Target
from beatsync.outputs.opening import open_outputs

async def main(carrier, host):
    clock = SystemClock()
    async with trio.open_nursery() as nursery:
        target = Target(name="desk", carrier=Carrier(carrier), host=host, port=7700)
        settled = []
        outputs = await open_outputs(
            [target], clock=clock, report=settled.append, on_connected=lambda name: None, nursery=nursery
        )
        output = outputs["desk"]
        print("open", flush=True)
        while word := await trio.to_thread.run_sync(sys.stdin.readline):
            if word == "send\\n":
                print(type(output.send(b"/a\\0\\0,\\0\\0\\0", 0, clock.now())).__name__, flush=True)
            elif word == "state\\n":
                print(output.health().state, flush=True)
            else:
                with trio.move_on_after(20):
                    while output.health().state != word.strip():
                        output.send(b"/a\\0\\0,\\0\\0\\0", 0, clock.now())
                        await trio.sleep(0.1)
                print(output.health().state, flush=True)
        nursery.cancel_scope.cancel()

trio.run(main, *sys.argv[1:])
"""


@dataclass(frozen=True)
class Cable:
    """Two hosts with a cable between them: the sender 10.77.0.1, the desk 10.77.0.2."""

    sender: str
    desk: str
    ip: str

    def run(self, namespace: str, *words: str) -> None:
        """A command of iproute2 in a namespace."""
        subprocess.run([self.ip, "-n", namespace, *words], check=True)

    def pull(self) -> None:
        """Take the sender's interface down."""
        self.run(self.sender, "link", "set", "wire", "down")

    def plug(self) -> None:
        """Bring it up again."""
        self.run(self.sender, "link", "set", "wire", "up")


@pytest.fixture
def cable() -> Iterator[Cable]:
    """Two namespaces and a pair of virtual interfaces."""
    ip = needs("iproute2", "ip", root=True)
    made = Cable(f"bs{os.getpid()}a", f"bs{os.getpid()}b", ip)
    for namespace in (made.sender, made.desk):
        subprocess.run([ip, "netns", "add", namespace], check=True)
    try:
        made.run(made.sender, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", made.desk)
        for namespace, address in ((made.sender, "10.77.0.1/24"), (made.desk, "10.77.0.2/24")):
            made.run(namespace, "address", "add", address, "dev", "wire")
            made.run(namespace, "link", "set", "wire", "up")
        yield made
    finally:
        for namespace in (made.sender, made.desk):
            subprocess.run([ip, "netns", "delete", namespace], check=True)


@dataclass
class Sender:
    """The sending process."""

    process: subprocess.Popen[str]

    def says(self, word: str = "") -> str:
        """Tell it a word, and hear its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if word:
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def sender(cable: Cable, request: pytest.FixtureRequest) -> Iterator[Sender]:
    """A sender in its namespace, over the carrier and to the host that the test names."""
    command = [cable.ip, "netns", "exec", cable.sender, sys.executable, "-c", SENDER, *request.param]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        made = Sender(process)
        assert made.says() == "open"
        yield made
        process.kill()


@pytest.mark.parametrize("sender", [("udp", "10.77.0.99")], indirect=True)
def test_a_host_that_is_absent_is_never_called_well(sender: Sender) -> None:
    """N2: nothing ever says that nobody is there."""
    assert sender.says("send") == "Sent"
    assert sender.says("state") in {"unknown", "down"}


@pytest.mark.parametrize("sender", [("udp", "10.77.0.2")], indirect=True)
def test_an_interface_that_goes_down_is_told_and_heals_by_itself_when_it_is_back(sender: Sender, cable: Cable) -> None:
    """N3."""
    assert sender.says("send") == "Sent"
    cable.pull()
    assert sender.says("down") == "down"
    assert sender.says("send") == "Failed"
    cable.plug()
    assert sender.says("unknown") == "unknown"
    assert sender.says("send") == "Sent"


LISTENER = """
import socket
listener = socket.create_server(("10.77.0.2", 7700))
print("ready", flush=True)
kept = []
while True:
    kept.append(listener.accept())
"""


@pytest.fixture
def desk(cable: Cable) -> Iterator[None]:
    """A desk that accepts connections."""
    command = [cable.ip, "netns", "exec", cable.desk, sys.executable, "-c", LISTENER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.kill()


@pytest.mark.parametrize("sender", [("tcp", "10.77.0.2")], indirect=True)
def test_a_connection_whose_cable_is_pulled_counts_as_dead_and_is_made_again(
    desk: None,
    sender: Sender,
    cable: Cable,
) -> None:
    """N7: the desk's end of the cable goes, so that nothing answers and nothing refuses."""
    assert sender.says("state") == "connected"
    cable.run(cable.desk, "link", "set", "wire", "down")
    assert sender.says("down") == "down"
    assert sender.says("send") == "Failed"
    cable.run(cable.desk, "link", "set", "wire", "up")
    assert sender.says("connected") == "connected"
    assert sender.says("send") == "Sent"
