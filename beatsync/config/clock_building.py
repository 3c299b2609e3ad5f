"""What leads playback: from the file's shape to values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from beatsync.config.clock_models import ClockModel, FeedModel
from beatsync.config.configuration import USUAL_HAND_BACK, ClockChoice, FeedChoice, FollowFeeds, Playlist, SetListChoice
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.ltc import FollowLtc
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.config.starts import StartNow
from beatsync.core.notes import Note
from beatsync.core.observation import TrackHint
from beatsync.core.timecode_map import Entry, TimecodeMap
from beatsync.core.track_names import entry_hint_id
from beatsync.core.units import DurationNs


def clock_of(model: ClockModel, folder: Path, setlist: SetListChoice | None) -> ClockChoice:
    """What leads playback. A timecode that stands for a whole `setlist` gets the table of its tracks."""
    if model.feed is None:
        return StartNow() if model.start is None else model.start
    feeds = tuple(_on_tape(_feed(feed, folder), setlist) for feed in model.feed)
    return FollowFeeds(feeds, USUAL_HAND_BACK if model.hand_back is None else DurationNs(model.hand_back))


def clock_notes(model: ClockModel, place: str) -> Iterator[Note]:
    """What should be known of it. `place`: what stands before `clock` in the file: `decks.a.`."""
    for feed in model.feed or ():
        if feed.mpd is not None:
            yield from feed.mpd.notes(f"{place}clock.feed.mpd")


def _feed(model: FeedModel, folder: Path) -> FeedChoice:
    (key,) = model.model_fields_set
    choice: FeedChoice = getattr(model, key).choice(folder)
    return choice


def _on_tape(feed: FeedChoice, setlist: SetListChoice | None) -> FeedChoice:
    """The feed with the set list's table of timecodes, where it is one of timecode and the set list has one."""
    if setlist is None or isinstance(setlist.tracks, Playlist):
        return feed
    entries = tuple(
        Entry(track.timecode, track.expected_duration, TrackHint(id=entry_hint_id(place)))
        for place, track in enumerate(setlist.tracks)
        if track.timecode is not None
    )
    if entries and isinstance(feed, FollowArtnet | FollowMtc | FollowLtc):
        return replace(feed, tracks=TimecodeMap(entries))
    return feed
