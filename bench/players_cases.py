"""The players that are measured: how each is started and operated, and what of it is the truth.

mpv computes its position when it is asked: the truth is the middle of its readings. MPD's and VLC's positions stand and
leap: the truth is their upper edge, of one second or of ten. Through JACK it is MPD's sound itself: the clicks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Final

from jeepney import DBusAddress, Properties  # type: ignore[import-untyped]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

from beatsync.core.units import NS_PER_SECOND, HostNs, ms
from beatsync.feeds.ltc.capture import HEAD
from bench.players_changes import CLOCK, Player
from tests.feeds.jack import RATE, jack_server
from tests.needs import needs
from tests.players.click_track import click_track
from tests.players.clicks import write_clicks
from tests.players.dense import Dense, Point, read_densely
from tests.players.mpd import JACK, NOWHERE, Mpd, running_mpd
from tests.players.mpv import Mpv, running_mpv
from tests.players.mpv_mpris import SCRIPT
from tests.players.session_bus import session_bus
from tests.players.vlc import PASSWORD, Vlc, vlc

CLICK_SECONDS: Final = 0.5
_MIDDLE: Final = 128
_LOUD: Final = 12
"""Captured samples are of 8 bits: silence is in the middle."""
_CAPTURE: Final = "beatsync.feeds.ltc.capture"
_TRIES: Final = 50
_RING_SECONDS: Final = 0.16
"""What MPD's JACK output holds."""


@dataclass(frozen=True, kw_only=True)
class Playing:
    """A player that is ready to play the click track.

    `feed`: how a show follows it, as YAML; `begin`: has it play; `listen`: what it says of itself, kept while the
    context lasts; `speed`: sets its speed, where it has one; `digits`: it seeks to; `env`: for the daemon.
    """

    feed: str
    player: Player
    begin: Callable[[], None]
    listen: Callable[[], AbstractContextManager[Dense]]
    speed: Callable[[float], None] | None = None
    digits: int = 3
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the table. `goal`: p99 of the error, in ms; `window` and `top`: as a course of readings has them.

    `tuned`: its offset is for the user's ears to find, so that the mean error is taken off. `moving`: things are done
    to it too.
    """

    name: str
    needs: tuple[str, ...]
    goal: float
    open: Callable[[Path, float], AbstractContextManager[Playing]]
    window: int = ms(60)
    top: bool = False
    apart: int = ms(20)
    tuned: bool = False
    moving: bool = True

    @property
    def missing(self) -> str | None:
        """What of it is not installed."""
        return next((name for name in self.needs if shutil.which(name) is None and not Path(name).exists()), None)


@contextmanager
def _asked(player: Mpv | Mpd) -> Iterator[Dense]:
    """The player's positions, on a connection of their own."""
    other = player.another()
    try:
        with read_densely(other.position) as dense:
            yield dense
    finally:
        other.hang_up()


@contextmanager
def _mpv(folder: Path, seconds: float, *options: str) -> Iterator[Playing]:
    track = click_track(folder / "clicks.wav", seconds)
    with running_mpv(folder / "mpv.sock", *options) as mpv:
        yield Playing(
            feed=f"{{mpv: {{socket: {folder}/mpv.sock}}}}",
            player=mpv,
            begin=partial(mpv.load, track),
            listen=partial(_asked, mpv),
            speed=mpv.speed,
        )


@contextmanager
def _mpv_mpris(folder: Path, seconds: float) -> Iterator[Playing]:
    track = click_track(folder / "clicks.wav", seconds)
    with session_bus(folder) as bus, _on_bus(bus), running_mpv(folder / "mpv.sock", f"--script={SCRIPT}") as mpv:
        yield Playing(
            feed=f"{{mpris: {{player: mpv, bus: '{bus}'}}}}",
            player=mpv,
            begin=partial(mpv.load, track),
            listen=partial(_asked, mpv),
            speed=mpv.speed,
        )


@contextmanager
def _on_bus(bus: str) -> Iterator[None]:
    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus
    try:
        yield
    finally:
        os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
        if before is not None:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = before


# MPD


def _mpc(mpd: Mpd, *words: str) -> None:
    subprocess.run([needs("mpc", "mpc"), "--quiet", f"--host={mpd.address}", *words], check=True)


@contextmanager
def _queued(folder: Path, seconds: float, output: str) -> Iterator[Mpd]:
    (folder / "music").mkdir(exist_ok=True)
    write_clicks(folder / "music" / "clicks.wav", seconds=seconds)
    with running_mpd(folder, output=output) as mpd:
        _mpc(mpd, "update", "--wait")
        _mpc(mpd, "add", "clicks.wav")
        yield mpd


@contextmanager
def _mpd(folder: Path, seconds: float) -> Iterator[Playing]:
    with _queued(folder, seconds, NOWHERE) as mpd:
        yield Playing(
            feed=f"{{mpd: {{socket: {mpd.address}, output: 'null'}}}}",
            player=mpd,
            begin=partial(_mpc, mpd, "play"),
            listen=partial(_asked, mpd),
        )


@contextmanager
def _mpd_jack(folder: Path, seconds: float) -> Iterator[Playing]:
    with ExitStack() as stack:
        stack.enter_context(_jack())
        mpd = stack.enter_context(_queued(folder, seconds, JACK))
        yield Playing(
            feed=f"{{mpd: {{socket: {mpd.address}, output: jack}}}}",
            player=mpd,
            begin=partial(_mpc, mpd, "play"),  # again: there is nothing to be captured before
            listen=partial(_captured, mpd),
        )
        mpd.quit()  # killed beside its JACK client it would take the server along, which leaves its memory behind


@contextmanager
def _jack() -> Iterator[None]:
    before = dict(os.environ)
    try:
        with jack_server(os.environ.__setitem__):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _captured(mpd: Mpd) -> Iterator[Dense]:
    """The clicks that come out of an MPD which is made to play, by the instants at which JACK's server has them."""
    _mpc(mpd, "play")
    dense, other = Dense(), mpd.another()
    with _capture() as process:
        thread = Thread(target=_find_clicks, args=(process, other, dense), daemon=True)
        thread.start()
        try:
            yield dense
        finally:
            process.kill()
            thread.join()
            other.hang_up()


@contextmanager
def _capture() -> Iterator[subprocess.Popen[bytes]]:
    """A process that captures MPD's left channel, once that is there; its first line has been read."""
    for _ in range(_TRIES):
        with subprocess.Popen(
            [sys.executable, "-m", _CAPTURE, "mpd", "1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            if "rate" in json.loads(process.stdout.readline()):
                yield process
                return
    raise AssertionError("MPD plays nothing into JACK")


def _find_clicks(process: subprocess.Popen[bytes], mpd: Mpd, dense: Dense) -> None:
    """Which click the first one is, MPD's position tells: it is not off by more than half of the time between two."""
    assert process.stdout is not None
    quiet, count = RATE, None
    while len(head := process.stdout.read(HEAD.size)) == HEAD.size:
        end, size, gap = HEAD.unpack(head)
        samples = process.stdout.read(size)
        dense.slow += gap
        for number, sample in enumerate(samples):
            if abs(sample - _MIDDLE) < _LOUD:
                quiet += 1
                continue
            if quiet > RATE // 10:
                at = HostNs(end - (len(samples) - 1 - number) * NS_PER_SECOND // RATE)
                if count is None:
                    ago = (CLOCK.now() - at) / NS_PER_SECOND
                    count = round(((mpd.position() or 0.0) - _RING_SECONDS - ago) / CLICK_SECONDS)
                dense.points.append(Point(at, round(count * CLICK_SECONDS * NS_PER_SECOND)))
                count += 1
            quiet = 0


# VLC

_VLC: Final = DBusAddress(
    "/org/mpris/MediaPlayer2", bus_name="org.mpris.MediaPlayer2.vlc", interface="org.mpris.MediaPlayer2.Player"
)


@contextmanager
def _position_on(bus: str) -> Iterator[Callable[[], float | None]]:
    with open_dbus_connection(bus=bus) as connection:

        def position() -> float | None:
            reply = connection.send_and_get_reply(Properties(_VLC).get("Position"), timeout=30)
            return float(reply.body[0][1]) / 1e6 if reply.header.message_type.name == "method_return" else None

        yield position


@contextmanager
def _asked_on(bus: str) -> Iterator[Dense]:
    with _position_on(bus) as position, read_densely(position, every=0.020, longest=ms(10)) as dense:
        yield dense


@contextmanager
def _vlc(folder: Path, seconds: float, *, web: bool) -> Iterator[Playing]:
    track = click_track(folder / "clicks.wav", seconds)
    with session_bus(folder) as bus, vlc(track, bus=bus) as player, _position_on(bus) as position:
        on_the_bus = f"{{mpris: {{player: vlc, bus: '{bus}'}}}}"
        on_the_web = f"{{vlc: {{port: {player.port}}}}}"
        yield Playing(
            feed=on_the_web if web else on_the_bus,
            player=_Positioned(player, position),
            begin=partial(player.do, "pl_play"),
            listen=partial(_asked_on, bus),
            speed=player.speed,
            digits=0,
            env={"VLC_PASSWORD": PASSWORD},
        )


@dataclass(frozen=True)
class _Positioned:
    """A VLC that says where it is."""

    player: Vlc
    position: Callable[[], float | None]

    def pause(self) -> None:
        """Stand still."""
        self.player.pause()

    def resume(self) -> None:
        """Go on."""
        self.player.resume()

    def seek(self, seconds: float) -> None:
        """Go to a position."""
        self.player.seek(seconds)


EDGE: Final = ms(500)
LONG_EDGE: Final = ms(5_000)

CASES: Final = (
    Case(name="mpv", needs=("mpv",), goal=5, open=_mpv),
    Case(
        name="mpv, sound card 500 ppm fast",
        needs=("mpv",),
        goal=5,
        open=lambda folder, seconds: _mpv(folder, seconds, "--ao-null-speed=1.0005"),
    ),
    Case(name="MPD", needs=("mpd", "mpc"), goal=10, open=_mpd, window=EDGE, top=True, apart=ms(100)),
    Case(
        name="MPD, its sound through JACK",
        needs=("mpd", "mpc", "jackd"),
        goal=10,
        open=_mpd_jack,
        window=ms(1_500),
        apart=ms(100),
        tuned=True,
        moving=False,
    ),
    Case(name="mpv over MPRIS", needs=("mpv", "dbus-daemon", str(SCRIPT)), goal=30, open=_mpv_mpris),
    Case(
        name="VLC over MPRIS",
        needs=("cvlc", "dbus-daemon"),
        goal=30,
        open=lambda folder, seconds: _vlc(folder, seconds, web=False),
        window=LONG_EDGE,
        top=True,
        apart=ms(700),
        tuned=True,
    ),
    Case(
        name="VLC, web interface",
        needs=("cvlc", "dbus-daemon"),
        goal=30,
        open=lambda folder, seconds: _vlc(folder, seconds, web=True),
        window=LONG_EDGE,
        top=True,
        apart=ms(700),
        tuned=True,
    ),
)
