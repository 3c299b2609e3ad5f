"""What players say over OSC: one entry each, with the source of every fact. Nothing here has met a real player.

Offsets are zero where nothing is known of a constant one; set `offset` by ear. "Inferred" accuracies are those of
feeds.md, table 1: estimates, not measurements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from beatsync.config.feeds.osc_dialect import Dialect, Meaning, Request, Role
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.osc import Tag
from beatsync.core.position_units import PositionUnit
from beatsync.core.units import ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A player. `port`: where its messages usually arrive; `peer_port`: where it listens, None if it is not asked.

    Both are 0 where the player has no usual one. `deck` and `cue`: what they are unless said otherwise; None where the
    player knows no such thing.
    """

    dialect: Dialect
    port: int = 0
    peer_port: int | None = None
    deck: str | None = None
    cue: str | None = None
    decks: tuple[str, ...] = ()


# grufkork/rkbx_link, README "All OSC addresses" and src/outputmodules/osc.rs: `/time/{deck}` (releases of early 2025),
# `/{deck}/time` (later ones, where osc.msg.master/time must be set to true), a float32 in seconds, deck 1 to 4 or
# master; 127.0.0.1:4460; 120 updates a second, every second one sent. Positions stop while the deck is paused; nothing
# says so. delay_compensation shifts beats, not times (feeds.md). Tempos are sent when they change, and not before.
_RKBX_LINK = Preset(
    port=4460,
    deck="master",
    decks=("master", "1", "2", "3", "4"),
    dialect=Dialect(
        unit=PositionUnit.SECONDS,
        meanings=(
            Meaning(role=Role.POSITION, addresses=("/{deck}/time", "/time/{deck}")),
            Meaning(role=Role.TEMPO, addresses=("/{deck}/bpm/current", "/bpm/{deck}/current")),
            Meaning(role=Role.OWN_TEMPO, addresses=("/{deck}/bpm/original", "/bpm/{deck}/original")),
            Meaning(role=Role.TITLE, addresses=("/{deck}/track/title", "/track/{deck}/title")),
            Meaning(role=Role.ARTIST, addresses=("/{deck}/track/artist", "/track/{deck}/artist")),
        ),
        character=Character(
            accuracy=Accuracy.A,
            interval=ms(17),
            rate=RateKnowledge.INFERRED,
            silence_is_pause=True,
        ),
    ),
)

# Cockos' csurf_osc.cpp and Default.ReaperOSC: `TIME f/time`, `PLAY t/play`, `PAUSE t/pause`, `PLAY_RATE
# f/playrate/raw`. /time is sent at the control surface rate (Preferences; 15 a second as installed) and only when it
# has changed; while stopped it is the edit cursor. Older releases send /play 1 while paused, with /pause 1. The
# position is GetPlayPosition: "latency-compensated, what you hear", so that the offset is zero.
_REAPER = Preset(
    port=9000,
    dialect=Dialect(
        unit=PositionUnit.SECONDS,
        meanings=(
            Meaning(role=Role.POSITION, addresses=("/time",)),
            Meaning(role=Role.PLAYING, addresses=("/play",)),
            Meaning(role=Role.PAUSED, addresses=("/pause",)),
            Meaning(role=Role.RATE, addresses=("/playrate/raw",)),
        ),
        character=Character(
            accuracy=Accuracy.B,
            interval=ms(67),
            rate=RateKnowledge.REPORTED,
            states_playing=True,
            silence_is_pause=True,
        ),
    ),
)

# qlab.app, "OSC Dictionary" for QLab 5: requests to UDP 53000, replies to 53001 (/udpReplyPort changes that) at the
# asker's address, as /reply/{method} with one JSON text {"status", "data", ...}; a workspace's reply may name the
# workspace. valuesForKeys takes a JSON list of keys; actionElapsed is in seconds. bitfocus' module
# companion-module-figure53-qlab-advance asks for the same keys together. A workspace that allows nothing without a
# passcode answers "denied".
_QLAB = Preset(
    port=53001,
    peer_port=53000,
    cue="active",
    dialect=Dialect(
        unit=PositionUnit.SECONDS,
        json=True,
        meanings=tuple(
            Meaning(
                role=role,
                addresses=("/reply/cue/{cue}/valuesForKeys", "/reply/workspace/*/cue/{cue}/valuesForKeys"),
                argument=key,
            )
            for role, key in (
                (Role.PLAYING, "isRunning"),
                (Role.PAUSED, "isPaused"),
                (Role.POSITION, "actionElapsed"),
            )
        ),
        requests=(
            Request(address="/udpReplyPort", with_port=True),
            Request(
                address="/cue/{cue}/valuesForKeys",
                arguments=((Tag.STRING, '["actionElapsed","isRunning","isPaused"]'),),
                every=ms(100),
                timed=True,
            ),
        ),
        silence_remedy="is the workspace open, and may it be viewed over OSC (Workspace Settings, Network)?",
        character=Character(accuracy=Accuracy.C, interval=ms(100), states_playing=True),
    ),
)

# ideoforms/AbletonOSC, README and abletonosc/{song,osc_server,handler}.py: listens on 11000, replies to 11001 of the
# last asker; start_listen sends the value at once and on every change, queries are answered on a tick of 100 ms;
# current_song_time is in beats from the start of the arrangement. Changes come with Live's own tick, some 10 a second.
_ABLETON_OSC = Preset(
    port=11001,
    peer_port=11000,
    dialect=Dialect(
        unit=PositionUnit.BEATS,
        meanings=(
            Meaning(role=Role.POSITION, addresses=("/live/song/get/current_song_time",)),
            Meaning(role=Role.PLAYING, addresses=("/live/song/get/is_playing",)),
            Meaning(role=Role.TEMPO, addresses=("/live/song/get/tempo",)),
        ),
        requests=(
            Request(address="/live/song/start_listen/is_playing"),
            Request(address="/live/song/start_listen/tempo"),
            Request(address="/live/song/start_listen/current_song_time"),
            Request(address="/live/song/get/is_playing", every=ms(1000)),
        ),
        silence_remedy="is Live running, with AbletonOSC as a control surface (Preferences, Link/Tempo/MIDI)?",
        character=Character(
            accuracy=Accuracy.C,
            interval=ms(100),
            rate=RateKnowledge.REPORTED,
            states_playing=True,
        ),
    ),
)

# virtualdj.com, options oscPort and oscPortBack (no usual ports; a Pro licence): /vdj/query/{verb} and
# /vdj/subscribe/{verb} are answered at oscPortBack. Verbs: song_pos (0 to 1), get_songlength (seconds), play.
# abossard/synesthesia-visuals asks for song_pos again and again, and has seen answers both with and without /vdj in
# front; whether a subscription to it pushes is not known. get_time counts up or down as the skin does: not used.
_VIRTUALDJ = Preset(
    peer_port=0,
    deck="1",
    decks=("1", "2", "3", "4"),
    dialect=Dialect(
        unit=PositionUnit.FRACTION,
        meanings=(
            Meaning(role=Role.LENGTH, addresses=("/vdj/deck/{deck}/get_songlength", "/deck/{deck}/get_songlength")),
            Meaning(role=Role.POSITION, addresses=("/vdj/deck/{deck}/song_pos", "/deck/{deck}/song_pos")),
            Meaning(role=Role.PLAYING, addresses=("/vdj/deck/{deck}/play", "/deck/{deck}/play")),
            Meaning(role=Role.TITLE, addresses=("/vdj/deck/{deck}/get_title", "/deck/{deck}/get_title")),
            Meaning(role=Role.ARTIST, addresses=("/vdj/deck/{deck}/get_artist", "/deck/{deck}/get_artist")),
        ),
        requests=(
            Request(address="/vdj/subscribe/deck/{deck}/play"),
            Request(address="/vdj/subscribe/deck/{deck}/get_songlength"),
            Request(address="/vdj/subscribe/deck/{deck}/get_title"),
            Request(address="/vdj/subscribe/deck/{deck}/get_artist"),
            Request(address="/vdj/query/deck/{deck}/get_songlength", every=ms(1000)),
            Request(address="/vdj/query/deck/{deck}/play", every=ms(1000)),
            Request(address="/vdj/query/deck/{deck}/song_pos", every=ms(100), timed=True),
        ),
        silence_remedy="is oscPort in its settings the peer's port, and oscPortBack this one? it needs a Pro licence",
        character=Character(
            accuracy=Accuracy.C,
            interval=ms(100),
            rate=RateKnowledge.INFERRED,
            states_playing=True,
        ),
    ),
)

# obc-guide.deepsymmetry.org, "Messages" and "Communicating": listens on 17002; /respond says where answers go;
# /beats, /playing, /cued and /loaded stream. /beat has device, beat 1-4, tempo, track tempo, pitch. No message says
# where in the track a beat lies: it is counted from the cue point, which must be the start of the track.
_OPEN_BEAT_CONTROL = Preset(
    port=17004,
    peer_port=17002,
    deck="1",
    decks=("1", "2", "3", "4"),
    dialect=Dialect(
        unit=PositionUnit.BEATS,
        meanings=(
            Meaning(role=Role.TEMPO, addresses=("/beat",), argument=2, deck_argument=0),
            Meaning(role=Role.RATE, addresses=("/beat",), argument=4, deck_argument=0),
            Meaning(role=Role.BEAT_OF_BAR, addresses=("/beat",), argument=1, deck_argument=0),
            Meaning(role=Role.PLAYING, addresses=("/playing/{deck}",)),
            Meaning(role=Role.AT_START, addresses=("/cued/{deck}",)),
            Meaning(role=Role.TRACK_ID, addresses=("/loaded/{deck}",), argument=3),
        ),
        requests=(
            Request(address="/respond", with_port=True),
            *(
                Request(address=address, arguments=((Tag.STRING, "stream"),))
                for address in ("/beats", "/playing", "/cued", "/loaded")
            ),
        ),
        silence_remedy="is Open Beat Control running there, and does it see the players?",
        patience=ms(25_000),
        character=Character(
            accuracy=Accuracy.C,
            interval=ms(500),
            rate=RateKnowledge.REPORTED,
            states_playing=True,
        ),
    ),
)

# Ours: for games and whatever else can send a float.
_POSITION = Preset(
    port=9000,
    dialect=Dialect(
        unit=PositionUnit.SECONDS,
        meanings=(
            Meaning(role=Role.JUMP, addresses=("/seek",)),
            Meaning(role=Role.POSITION, addresses=("/position", "/seek")),
            Meaning(role=Role.PLAYING, addresses=("/playing",)),
            Meaning(role=Role.RATE, addresses=("/rate",)),
            Meaning(role=Role.TITLE, addresses=("/track",)),
        ),
        character=Character(accuracy=Accuracy.B, interval=ms(100), rate=RateKnowledge.REPORTED),
    ),
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "position": _POSITION,
        "rkbx_link": _RKBX_LINK,
        "reaper": _REAPER,
        "qlab": _QLAB,
        "abletonosc": _ABLETON_OSC,
        "virtualdj": _VIRTUALDJ,
        "open_beat_control": _OPEN_BEAT_CONTROL,
    },
)
