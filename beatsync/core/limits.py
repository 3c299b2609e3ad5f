"""Every limit on what beatsync accepts, in one place, with the reason for each figure."""

from __future__ import annotations

from typing import Final

# Track documents. An hour of music is some 8,000 beats and 300 kB; these leave room for a day of it.
MAX_DOCUMENT_BYTES: Final = 8 * 1024 * 1024
MAX_DOCUMENT_DEPTH: Final = 32
MAX_BEATS: Final = 200_000
MAX_SECTIONS: Final = 10_000
MAX_TRACK_SECONDS: Final = 24 * 60 * 60
MAX_LABEL_CHARACTERS: Final = 256

# What is put right with a warning, and from where on a document is refused as damaged.
MAX_DISORDERLY_SHARE: Final = 0.01
NEAR_DUPLICATE_SECONDS: Final = 0.020
DOWNBEAT_TOLERANCE_SECONDS: Final = 0.005
ODD_TEMPO_BPM: Final = (20.0, 400.0)
TEMPO_DISAGREEMENT: Final = 0.03
DURATION_DISAGREEMENT_SECONDS: Final = 2.0

# Configurations. 300 rules are some 60 kB; the pure YAML parser reads some 100 kB a second.
MAX_CONFIG_BYTES: Final = 256 * 1024
MAX_CONFIG_DEPTH: Final = 24
MAX_CONFIG_NODES: Final = 20_000
MAX_TARGETS: Final = 256
MAX_RULES: Final = 2_000
MAX_DECKS: Final = 16
MAX_FEEDS: Final = 8
MAX_SETLIST: Final = 2_000
MAX_CUES: Final = 300_000
MAX_SCHEDULE_BYTES: Final = 128 * 1024 * 1024
MANY_CUES: Final = 10_000

# Messages. A UDP datagram over IPv4 holds 65,507 bytes, over IPv6 65,527; above 1,452 it is sent in fragments, lost as
# one. On a stream OSC 1.0 counts up to 2 GiB, and no receiver has a buffer for that.
MAX_DATAGRAM_BYTES: Final = 65_507
MAX_DATAGRAM_BYTES_IPV6: Final = 65_527
MAX_STREAM_PACKET_BYTES: Final = 1024 * 1024
UNFRAGMENTED_BYTES: Final = 1_452

# Asset ids reach file names: digits only (audioscape.md).
MAX_ASSET_ID_DIGITS: Final = 20
