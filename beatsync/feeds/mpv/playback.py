"""What mpv's messages and answers add up to: observations. Pure: bytes and instants are arguments.

Events and properties come on one connection, answers to `audio-pts` on another; every observation is made where an
answer comes in, with all that was heard before it. What mpv 0.35.1 says, and what it means:

    event seek ... playback-restart     playback jumped, or a loop went round; between them it has no position
    core-idle                           nothing comes out: paused, buffering, in a seek, between two files
    end-file eof, eof-reached           all is written; the sound card still plays for as long as its buffer lasts, and
                                        the next file's position starts as far below zero
    idle-active                         no file at all
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from beatsync.core.observation import Observation
from beatsync.core.transport import Rate
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, ms
from beatsync.feeds.mpv.media import NAMES, Media
from beatsync.feeds.mpv.messages import Event, Property, flag_of, frame_of, position_of, rate_in
from beatsync.feeds.mpv.sound import SHORTEST, Loop, Sound
from beatsync.feeds.round_trips import Stamp

OBSERVED: Final = (
    *NAMES,
    "ab-loop-a",
    "ab-loop-b",
    "aid",
    "container-fps",
    "speed",
    "time-pos",
    "eof-reached",
    "idle-active",
    "pause",
    "core-idle",  # last, since changes that wait are told in this order: by then the others are known
)

GRACE: Final = ms(30)
"""A seek within a file takes 1 to 5 ms, in a video up to 100: what is over so soon is no pause."""

LONGEST_DRAIN: Final = ms(2_000)
"""So long a sound card may take to play what it has got, at a file's end."""

LEAD_IN: Final = ms(100)
"""The next file is told so long before it is heard, for its first beat not to be missed."""

VOICELESS: Final = ms(300)
"""So long a file with a sound track may play without a position of it; then the picture's is taken."""

RESTLESS: Final = ms(500)
"""So long after a change the next position is asked for soon, where the last answer had none."""

USUAL_FRAME: Final = ms(40)

_OF_THE_PICTURE: Final = frozenset({"aid", "container-fps", "time-pos"})
_EVENTS: Final = frozenset({"seek", "playback-restart", "start-file", "file-loaded", "end-file", "idle"})


@dataclass(frozen=True, slots=True)
class _Reading:
    at: HostNs
    position: TrackNs | None
    slack: DurationNs = NO_TIME


class MpvPlayback:
    """One connection's worth of what mpv says."""

    def __init__(self) -> None:
        self._unknown = set(OBSERVED)
        self._media = Media()
        self._sound = Sound()
        self._paused = False
        self._no_file = True
        self._idle_since: HostNs | None = HostNs(0)
        self._ending_since: HostNs | None = None
        self._tail_since: HostNs | None = None
        self._voiceless_since: HostNs | None = None
        self._at_end = False
        self._mute = False
        self._frame: DurationNs | None = None
        self._shown = _Reading(HostNs(0), None)
        self._last: _Reading | None = None
        self._moved = False
        self._loop: dict[str, TrackNs | None] = {}
        self._changed = HostNs(0)
        self._quiet = True
        self._plays = False

    @property
    def eager(self) -> bool:
        """Whether any position is wanted, however roughly it is dated: playback has jumped, or is to go on."""
        return self._moved or not self._plays

    @property
    def frame(self) -> DurationNs:
        """In which steps the position moves: by frames where the picture's is taken."""
        return (self._frame or USUAL_FRAME) if self._mute else NO_TIME

    def restless(self, now: HostNs) -> bool:
        """Whether the next position is wanted soon: something has just changed, and nothing could be told yet."""
        return self._quiet and now - (self._changed or now) < RESTLESS

    # What is heard

    def heard(self, message: Event | Property, at: HostNs) -> bool:
        """Take note; returns whether a position is wanted at once. Raises Unreadable."""
        if isinstance(message, Event):
            wanted = message.name in _EVENTS
            self._happened(message, at)
        else:
            self._unknown.discard(message.name)
            wanted = self._learn(message.name, message.value, at)
        if wanted:
            self._changed = at
        return wanted

    def _happened(self, event: Event, at: HostNs) -> None:
        match event.name:
            case "seek":
                self._jump(at)
                self._ending_since = None
            case "start-file":
                self._media.starts(event.entry)
                self._jump(at)
            case "file-loaded":
                self._media.is_loaded(at)
            case "end-file":
                self._ending_since = at if event.reason == "eof" else None

    def _jump(self, at: HostNs) -> None:
        self._tail_since = at
        self._moved = True
        self._sound.jump()

    def _learn(self, name: str, value: object, at: HostNs) -> bool:
        if name in NAMES:
            self._media.learn(name, value)
            return False
        if name in _OF_THE_PICTURE:
            return self._learn_picture(name, value, at)
        match name:
            case "pause":
                self._pause(flag_of(value), at)
            case "core-idle":
                self._idle_since = at if flag_of(value) else None
            case "idle-active":
                self._no_file = flag_of(value)
                self._ending_since = None if self._no_file else self._ending_since
            case "eof-reached":
                self._at_end = flag_of(value)
                self._ending_since = at if self._at_end else self._ending_since
            case "speed":
                self._change_speed(rate_in(value), at)
            case "ab-loop-a" | "ab-loop-b":
                self._set_loop(name, value)
        return name in OBSERVED

    def _learn_picture(self, name: str, value: object, at: HostNs) -> bool:
        match name:
            case "aid":
                self._mute = value is False or value == "no"
            case "container-fps":
                self._frame = frame_of(value)
            case "time-pos":
                self._shown = _Reading(at, position_of(value), self._frame or USUAL_FRAME)
        return self._mute

    def _pause(self, paused: bool, at: HostNs) -> None:  # noqa: FBT001  a property's value
        if paused != self._paused:
            self._paused = paused
            (self._sound.pause if paused else self._sound.resume)(at)

    def _change_speed(self, speed: Rate, at: HostNs) -> None:
        if self._mute:
            self._sound.forget()
        self._sound.change_speed(speed, at)

    def _set_loop(self, name: str, value: object) -> None:
        self._loop[name] = None if value == "no" else position_of(value)
        ends = sorted(end for end in self._loop.values() if end is not None)
        self._sound.loop = Loop(*ends) if len(ends) == 2 and ends[1] - ends[0] >= SHORTEST else None

    # What is answered

    def answered(self, position: TrackNs | None, stamp: Stamp | None, now: HostNs) -> Observation | None:
        """What is to be told, now that mpv's `audio-pts` is known to have been `position` at `stamp`, if it is."""
        observation = None if self._unknown else self._observation(position, stamp, now)
        self._quiet = observation is None
        return observation

    def _observation(self, position: TrackNs | None, stamp: Stamp | None, now: HostNs) -> Observation | None:
        playing = self._playing(now)
        if playing is None:
            return None
        reading = self._reading(position, stamp, now)
        return self._going_on(reading, now) if playing else self._standing(reading, now)

    def _playing(self, now: HostNs) -> bool | None:
        """Whether sound comes out; None while that is not clear."""
        if self._paused or self._no_file:
            return False
        if self._idle_since is None:
            return True
        if self._ending_since is not None and now - self._ending_since < LONGEST_DRAIN:
            return None
        return None if now - self._idle_since < GRACE else False

    def _reading(self, position: TrackNs | None, stamp: Stamp | None, now: HostNs) -> _Reading | None:
        if position is not None and not self._mute:
            self._voiceless_since = None
            if stamp is None or stamp.at - stamp.slack <= self._changed:
                return None  # it may be of the time before what has just happened; the next one is not
            return _Reading(stamp.at, position, stamp.slack)
        if self._voiceless_since is None or self._idle_since is not None:
            self._voiceless_since = now
        voiceless = now - self._voiceless_since > VOICELESS
        return self._shown if self._mute or self._at_end or voiceless else None

    def _standing(self, reading: _Reading | None, now: HostNs) -> Observation:
        """Nothing comes out. A position is one all the same, and stays."""
        position = None if self._no_file or reading is None else reading.position
        heard = self._sound.while_paused(position, now)
        jump, self._moved = self._moved and heard is not None, self._moved and heard is None
        self._last = reading
        return self._told(_Reading(now, heard), now, playing=False, jump=jump)

    def _going_on(self, reading: _Reading | None, now: HostNs) -> Observation | None:
        if reading is None or reading is self._last or reading.position is None:
            return None
        if reading.position < -LEAD_IN and self._tail_since is not None and now - self._tail_since < LONGEST_DRAIN:
            return None  # before this file, or this pass of it, the end of the last one is still to be heard
        heard = self._sound.hear(reading.position, reading.at)
        if heard is None:
            return None
        self._ending_since, self._moved, self._last = None, False, reading
        return self._told(replace(reading, position=heard.position), now, playing=True, jump=heard.jumped)

    def _told(self, reading: _Reading, now: HostNs, *, playing: bool, jump: bool) -> Observation:
        self._plays = playing
        return Observation(
            host=reading.at,
            position=reading.position,
            playing=playing,
            rate=self._sound.rate,
            jump=jump,
            track=self._media.news(now),
            slack=reading.slack,
        )
