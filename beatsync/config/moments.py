"""Moments as text: `downbeat`, `every 4 bars of section`, `phrase end`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from beatsync.config.plain import GrammarError, text_of
from beatsync.core.rules import Edge, Every, Moment, SpanEdge, TrackEdge, Unit
from beatsync.core.track import Layer

MOMENT_PATTERN: Final = (
    r"^\s*(beat|downbeat|(section|phrase|track)(\s+(start|end))?"
    r"|every\s+1/(2|3|4|6|8|12|16)\s+beat(\s+of\s+(section|phrase))?"
    r"|every\s+([1-9]\d{0,3}\s+)?(beats?|bars?)(\s+of\s+(section|phrase))?)\s*$"
)
_EVERY: Final = re.compile(r"every(?: ([1-9]\d{0,3}))? (beat|bar)s?(?: of (section|phrase))?\Z")
_PART: Final = re.compile(r"every 1/(2|3|4|6|8|12|16) beat(?: of (section|phrase))?\Z")
_WORDS: Final[dict[str, Moment]] = {
    "beat": Every(1, Unit.BEAT),
    "downbeat": Every(1, Unit.BAR),
    **{
        f"{layer}{edge}": SpanEdge(layer, Edge.END if edge == " end" else Edge.START)
        for layer in Layer
        for edge in ("", " start", " end")
    },
    **{f"track{edge}": TrackEdge(Edge.END if edge == " end" else Edge.START) for edge in ("", " start", " end")},
}
_EXAMPLES: Final = (
    "beat, downbeat, every 4 bars, every 2 beats of section, every 1/4 beat, section, section end, phrase, track, "
    "track end"
)


def moment_of(value: object) -> Moment:
    """The moment that a rule is on. Raises GrammarError."""
    words = " ".join(text_of(value, f"a moment ({_EXAMPLES})").split())
    if words in _WORDS:
        return _WORDS[words]
    every = _EVERY.match(words)
    if every:
        count, unit, within = every.groups()
        return Every(int(count or 1), Unit(unit), Layer(within) if within else None)
    part = _PART.match(words)
    if part:
        parts, within = part.groups()
        return Every(1, Unit.BEAT, Layer(within) if within else None, parts=int(parts))
    known = [*_WORDS, "every 4 bars", "every 2 beats", "every 1/4 beat"]
    near = [] if re.match(r"every 0", words) else get_close_matches(words, known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"known moments: {_EXAMPLES}"
    raise GrammarError(f"no moment {words!r} ({remedy})")
