"""What mpv says of the file that it plays, and whether that is news."""

from __future__ import annotations

from typing import Final

from beatsync.core.observation import TrackHint
from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.feeds.mpv.messages import duration_of, text_of

PATIENCE: Final = ms(50)
"""So long a loaded file may keep its length to itself; a stream never tells it."""

NAMES: Final = ("path", "media-title", "metadata/by-key/Artist", "duration")
"""The properties that say it."""


class Media:
    """The file as far as it is known, and what of it has been told already."""

    def __init__(self) -> None:
        self._entry: int | None = None
        self._texts: dict[str, str | None] = {}
        self._duration: DurationNs | None = None
        self._loaded: HostNs | None = HostNs(0)  # whoever connects in the middle of a file never sees it loaded
        self._told: tuple[object, ...] | None = None

    def starts(self, entry: int | None) -> None:
        """Another file, or the same once more, is being opened."""
        self._entry, self._loaded, self._told = entry, None, None

    def is_loaded(self, at: HostNs) -> None:
        """The file is open: what is known of it is known now, or within the patience."""
        self._loaded = at

    def learn(self, name: str, value: object) -> None:
        """One of its properties. Raises Unreadable."""
        if name == "duration":
            self._duration = duration_of(value)
        else:
            self._texts[name] = text_of(value)

    def news(self, at: HostNs) -> TrackHint | None:
        """What is played, if that has not been told. The length alone is no news: that of a stream grows."""
        path, title, artist = (self._texts.get(name) for name in NAMES[:3])
        identity = (path, title, artist)
        if path is None or self._loaded is None or identity == self._told:
            return None
        if self._duration is None and at - self._loaded < PATIENCE:
            return None
        self._told = identity
        entry = None if self._entry is None else str(self._entry)
        return TrackHint(id=entry, file=path, title=title, artist=artist, duration=self._duration)
