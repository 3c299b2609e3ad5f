"""What VLC's web interface makes of a position, by the format of the file: how fine its steps are, and how wrong.

The same 180.73 s, a click track and then noise, written by mpv in each format. VLC's place by its web interface is
compared with the one that it tells on the bus, in microseconds.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import wave
from array import array
from itertools import pairwise
from pathlib import Path

import trio

from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.core.units import NS_PER_MS
from beatsync.feeds.mpris.feed import MprisFeed
from beatsync.feeds.vlc.feed import WHOLE_SECONDS, VlcFeed
from bench.desktop_players import CLOCK, Told, apart, folder, keep, settings_of
from tests.needs import needs
from tests.players.click_track import RATE, click_track
from tests.players.session_bus import session_bus
from tests.players.vlc import PASSWORD, Vlc, vlc

CLICKS_SECONDS, NOISE_SECONDS = 90.0, 90.73
SEEKS = (10, 60, 100, 150)
WATCHED_SECONDS = 12.0
_VBR = "flags=+qscale,global_quality=236"
FORMATS = {
    "WAV": ("wav", "wav", "pcm_s16le", ""),
    "FLAC": ("flac", "flac", "flac", ""),
    "Ogg Vorbis": ("ogg", "ogg", "libvorbis", ""),
    "AAC in MP4": ("m4a", "mp4", "aac", "b=128k"),
    "MP3, constant bitrate": ("cbr.mp3", "mp3", "libmp3lame", "b=128k"),
    "MP3, variable bitrate": ("vbr.mp3", "mp3", "libmp3lame", _VBR),
    "MP3, variable, no Xing header": ("bare.mp3", "mp3", "libmp3lame", _VBR),
}


def original(path: Path) -> Path:
    """Clicks, which compress well, and noise, which does not."""
    click_track(path, CLICKS_SECONDS)
    with wave.open(str(path), "rb") as file:
        clicks = file.readframes(file.getnframes())
    drawn = random.Random(1)
    noise = array("h", (drawn.randrange(-20_000, 20_000) for _ in range(round(NOISE_SECONDS * RATE))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(clicks + noise.tobytes())
    return path


def written(name: str, source: Path) -> Path:
    """The original in another format."""
    suffix, container, codec, options = FORMATS[name]
    path = source.with_name(f"track.{suffix}")
    command = [needs("mpv", "mpv"), "--no-config", "--no-video", "--really-quiet", str(source)]
    command += [f"--o={path}", f"--of={container}", f"--oac={codec}", *([f"--oacopts={options}"] if options else [])]
    subprocess.run(command, check=True)
    if "no Xing" in name:
        path.write_bytes(path.read_bytes().replace(b"Xing", b"XXXX", 1))
    return path


async def measure(name: str, player: Vlc, bus: str) -> None:
    """One line: steps, share of whole seconds, and the error of what is told after each seek but for its first part."""
    env = {"DBUS_SESSION_BUS_ADDRESS": bus, "VLC_PASSWORD": PASSWORD}
    told, exact = Told(), Told()
    found: list[float] = []
    steps: list[float] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep, VlcFeed(settings_of(player), env=env, clock=CLOCK), told)
        nursery.start_soon(keep, MprisFeed(MprisPlayer("vlc"), env=env, clock=CLOCK), exact)
        await told.first(lambda one: bool(one.playing), after=0)
        for seconds in SEEKS:
            await trio.to_thread.run_sync(player.do, f"seek&val={seconds}s")
            await trio.sleep(3)
            after = len(told.observations), len(exact.observations)
            await trio.sleep(WATCHED_SECONDS)
            readings = told.playing(after[0])
            found += apart(readings, exact.playing(after[1]))
            changed = [later[0] for earlier, later in pairwise(readings) if later[1] != earlier[1]]
            steps += [(later - earlier) / NS_PER_MS for earlier, later in pairwise(changed)]
        nursery.cancel_scope.cancel()
    whole = told.ignored[WHOLE_SECONDS] / max(1, len(told.observations))
    print(
        f"{name:<32} {statistics.fmean(steps):>8.0f} {100 * whole:>8.0f} % "
        f"{statistics.fmean(found):>8.1f} {statistics.pstdev(found):>8.1f} {min(found):>8.1f} {max(found):>8.1f}"
    )


def run() -> None:
    """Print the table."""
    print(
        f"{'format':<32} {'step':>8} {'seconds':>10} {'mean':>8} {'sd':>8} {'least':>8} {'most':>8}  ms against MPRIS"
    )
    with folder() as here, session_bus(here) as bus:
        source = original(here / "original.wav")
        for name in FORMATS:
            with vlc(written(name, source), bus=bus) as player:
                trio.run(measure, name, player, bus)
