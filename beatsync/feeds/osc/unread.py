"""Why something that arrived is no reading: few and fixed reasons, for counters and logs."""

from __future__ import annotations

from enum import StrEnum


class Unread(StrEnum):
    """What could not be read; nothing that came from outside is part of it."""

    NO_ARGUMENT = "a message without the argument that the configuration asks for"
    NOT_A_NUMBER = "a position that is not a number"
    NEGATIVE = "a negative position"
    TOO_LARGE = "a position of more than a day; is its unit ms rather than s?"
    TOO_FAST = "positions that run a thousand times too fast; is their unit ms rather than s?"
    TOO_SLOW = "positions that run a thousand times too slow; is their unit s rather than ms?"
    NO_FRACTION = "a fraction that is not between 0 and 1; is its unit s?"
    NO_PLACE = "a position in beats or as a fraction that no loaded track has"
    NO_TIMECODE = "a timecode that is not like 01:02:03:12, or has more frames than its rate"
    NOT_COUNTED = "a beat before its count is known; cue the deck at the start of the track"
    NO_BEAT = "a beat of the bar that is not 1 to 4"
    BAD_FLAG = "a play or pause message that says neither yes nor no"
    BAD_RATE = "a rate or tempo out of all bounds"
    BAD_LENGTH = "a track length that is not a number of seconds up to a day"
    BAD_TEXT = "a track name that is not text"
    NOT_JSON = "a reply that is not the json that the player documents"
    DENIED = "the player denied the request; allow viewing over osc in its settings"
    REFUSED = "the player answered with an error; is there such a cue or deck?"
    SLOW_ANSWER = "an answer that took too long to say where playback stood"
    SECOND_SENDER = "another sender while the first one holds the feed; say which one in senders"
    UNLISTED_SENDER = "a sender that is not in senders"
