"""Makes the feed that a configuration names.

Each kind's own modules are read only when it is wanted: no daemon needs all of them, and some bring much along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from beatsync.clock import Clock
from beatsync.config.configuration import FeedChoice
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.ltc import FollowLtc
from beatsync.config.feeds.midi_clock import FollowMidiClock
from beatsync.config.feeds.mpd import MpdServer
from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.config.feeds.osc_dialect import OscSettings
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.config.feeds.push import PushSettings
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.core.position_units import Place, PositionUnit
from beatsync.feeds.feed import Feed


def feed_of(choice: FeedChoice, *, clock: Clock, place: Place, environment: Mapping[str, str]) -> Feed:
    """The feed. `place`: where beats and fractions lie in the track that is loaded; `environment`: has passwords."""
    match choice:
        case MpvPlayer() | MpdServer() | MprisPlayer() | VlcPlayer():
            return _of_player(choice, clock, environment)
        case OscSettings():
            from beatsync.feeds.osc.feed import OscFeed

            return OscFeed(choice, clock=clock, place=place)
        case PushSettings():
            from beatsync.feeds.push.feed import PushFeed

            return PushFeed(choice, clock=clock, env=environment)
        case FollowProDjLink():
            from beatsync.feeds.prodj.feed import ProDjFeed

            return ProDjFeed(choice, clock=clock)
        case _:
            return _of_timecode(choice, clock, place)


def _of_player(
    choice: MpvPlayer | MpdServer | MprisPlayer | VlcPlayer,
    clock: Clock,
    environment: Mapping[str, str],
) -> Feed:
    match choice:
        case MpvPlayer():
            from beatsync.feeds.mpv.feed import MpvFeed

            return MpvFeed(choice, clock=clock)
        case MpdServer():
            from beatsync.feeds.mpd.feed import MpdFeed

            return MpdFeed(choice, clock=clock, environment=environment)
        case MprisPlayer():
            from beatsync.feeds.mpris.feed import MprisFeed

            return MprisFeed(choice, clock=clock, env=environment)
        case VlcPlayer():
            from beatsync.feeds.vlc.feed import VlcFeed

            return VlcFeed(choice, clock=clock, env=environment)
        case _:
            assert_never(choice)


def _of_timecode(choice: FollowArtnet | FollowMtc | FollowMidiClock | FollowLtc, clock: Clock, place: Place) -> Feed:
    match choice:
        case FollowArtnet():
            from beatsync.feeds.artnet.feed import ArtnetFeed

            return ArtnetFeed(choice, clock=clock)
        case FollowMtc():
            from beatsync.feeds.midi.feed import mtc_feed

            return mtc_feed(choice, clock=clock)
        case FollowMidiClock():
            from beatsync.feeds.midi.feed import midi_clock_feed

            return midi_clock_feed(choice, place=lambda beats: place(beats, PositionUnit.BEATS), clock=clock)
        case FollowLtc():
            from beatsync.feeds.ltc.feed import LtcFeed

            return LtcFeed(choice, clock=clock)
        case _:
            assert_never(choice)
