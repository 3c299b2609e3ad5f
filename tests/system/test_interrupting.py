"""Ctrl-C: a command that waits leaves at once, with 130 and without a word; a show that plays is ended, with 0."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from tests.sources.audioscape_server import AudioScapeServer, silence
from tests.system.program import environment
from tests.system.shows import ASSET_ID, KEY, write_show

PORT = 7700
PATIENCE_SECONDS = 30


@pytest.mark.parametrize("command", ["fetch", "plan", "run"])
async def test_ctrl_c_while_the_network_is_waited_for_is_quiet(command: str, tmp_path: Path) -> None:
    """H13: SIGINT during arm."""
    server = AudioScapeServer(key=KEY, documents={}, always=silence())
    config = write_show(tmp_path, PORT, track=f'{{audioscape: "{ASSET_ID}"}}')
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        env = environment(tmp_path, AUDIOSCAPE_URL=server.url, AUDIOSCAPE_API_KEY=KEY)
        process = await trio.lowlevel.open_process(
            [sys.executable, "-m", "beatsync", command, str(config)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout
        assert process.stderr
        with trio.fail_after(PATIENCE_SECONDS):
            said = bytes(await process.stderr.receive_some())
            while not server.seen:
                await trio.sleep(0.01)
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 130
            said += b"".join([part async for part in process.stderr])
            printed = b"".join([part async for part in process.stdout])
        nursery.cancel_scope.cancel()
    assert printed == b""
    assert said.decode().strip().endswith(f"audioscape {ASSET_ID}: asking 127.0.0.1")
    assert len(said.decode().split()) < 10


def test_ctrl_c_ends_a_show_that_plays_in_good_order(tmp_path: Path) -> None:
    """H13: also where it is the demo's; every cue has its verdict."""
    command = [sys.executable, "-m", "beatsync", "demo", "--json"]
    with subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        said = [next(line for line in demo.stdout if '"event": "cue"' in line)]
        demo.send_signal(signal.SIGINT)
        said += demo.stdout.readlines()
        assert demo.wait(PATIENCE_SECONDS) == 0
    assert '"event": "summary"' in said[-1]


def test_ctrl_c_before_anything_has_been_read_is_quiet_too(tmp_path: Path) -> None:
    """H13. The first line of the program waits for it."""
    program = """
import signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "beatsync.cli":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from beatsync.__main__ import main
main()
"""
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, check=False
    )
    assert (result.returncode, result.stderr, result.stdout) == (130, b"", b"")
