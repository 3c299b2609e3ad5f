"""A conversation with mpv, told by the millisecond."""

from __future__ import annotations

from beatsync.core.observation import Observation
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms
from beatsync.feeds.mpv.messages import Event, Property
from beatsync.feeds.mpv.playback import MpvPlayback
from beatsync.feeds.round_trips import Stamp

IDLE: dict[str, object] = {
    "path": None,
    "media-title": None,
    "metadata/by-key/Artist": None,
    "duration": None,
    "ab-loop-a": "no",
    "ab-loop-b": "no",
    "aid": "auto",
    "container-fps": None,
    "speed": 1.0,
    "time-pos": None,
    "eof-reached": None,
    "idle-active": True,
    "pause": False,
    "core-idle": True,
}
SONG: dict[str, object] = {
    "path": "/music/song.flac",
    "media-title": "Song",
    "metadata/by-key/Artist": "Band",
    "duration": 180.0,
    "aid": 1,
    "idle-active": False,
    "core-idle": False,
}


class Scene:
    """An mpv that has said everything about itself. All instants are milliseconds."""

    def __init__(self, **properties: object) -> None:
        """`properties`: other than those of an idle mpv, with `_` for `-`."""
        self.playback = MpvPlayback()
        self.now = 1_000.0
        for name, value in {**IDLE, **{key.replace("_", "-"): value for key, value in properties.items()}}.items():
            self.set(name, value)
        self.pass_ms(1_000)

    def pass_ms(self, milliseconds: float) -> Scene:
        """Let time pass."""
        self.now += milliseconds
        return self

    def set(self, name: str, value: object) -> bool:
        """A property changes."""
        return self.playback.heard(Property(name, value), self.host)

    def happens(self, name: str, *, entry: int | None = None, reason: str | None = None) -> bool:
        """An event."""
        return self.playback.heard(Event(name, entry, reason), self.host)

    def ask(self, seconds: float | None, took: float = 0.4) -> Observation | None:
        """Ask for the position, and get this answer after so many milliseconds; what is told."""
        asked = self.host
        self.pass_ms(took)
        stamp = Stamp(HostNs(asked + ms(took) // 2), DurationNs(ms(took) // 2))
        position = None if seconds is None else place(seconds)
        return self.playback.answered(position, stamp, self.host)

    def told(self, seconds: float | None, took: float = 0.4) -> Observation:
        """The same where something has to be told."""
        observation = self.ask(seconds, took)
        assert observation is not None
        return observation

    @property
    def host(self) -> HostNs:
        """The instant."""
        return HostNs(ms(self.now))


def playing(**properties: object) -> Scene:
    """An mpv that plays a song, of which everything is told already."""
    scene = Scene(**{**SONG, **properties})
    first = scene.told(10.0)
    assert first.track is not None
    assert (first.playing, first.rate, first.jump) == (True, NORMAL_RATE, False)
    return scene.pass_ms(49.6)


def place(seconds: float) -> TrackNs:
    """A position."""
    return TrackNs(ms(seconds * 1_000))
