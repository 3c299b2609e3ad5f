"""Follows playback through its readings while it plays: envelope, lags, steps and bends together. Knows no pauses."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from beatsync.core.bends import PITCH, Bend, find_bend
from beatsync.core.cursor import HYSTERESIS
from beatsync.core.envelope import WINDOW, Envelope, Hinge, Reading
from beatsync.core.evidence import Evidence, evidence_of
from beatsync.core.lags import FEW, GRAIN, Lags
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.steps import Step, find_step
from beatsync.core.units import DurationNs, HostNs, ms

CRYSTAL: Final = 200e-6
"""How far a player's clock usually is from ours: quartz is within 100 ppm, and NTP steers ours by up to 500."""

_WORST_CRYSTAL: Final = 1e-3

_SUPPOSED: Final = {Accuracy.A: ms(2), Accuracy.B: ms(10), Accuracy.C: ms(20), Accuracy.D: ms(300)}
_LEAST_SPREAD: Final = ms(0.05)

# Readings: how many are kept as evidence; after how many more one is no news any more, and may teach how late readings
# are; how many there must be for that; how many show by themselves how far apart they lie.
_RECENT: Final = 56
_UNSURE: Final = 6
_LEARNED: Final = 12
_ENOUGH: Final = 4

# Oddity, in nats: so little over all recent readings that there is nothing to look for; so much in one that it fits
# nothing. By so much must a step be likelier than a bend.
_CALM: Final = 5.0
_ODD: Final = 8.0
_UNLIKELY_STEP: Final = 8.0

# Bends: after so many readings one is past; with such odds it is sure, and with such it is worth a step forward, for
# nothing else makes readings early.
_OLD_BEND: Final = 38.0
_SURE_BEND: Final = 4.0
_LIKELY_BEND: Final = 2.0
_LEAST_PRIOR: Final = 1e-3

# A reading this much of an interval behind another, while playback went on by so much more, was held up with it.
_RIGHT_BEHIND: Final = 0.65
_HELD_UP: Final = 0.35

# The very first readings may have been this late, and nothing shows it but those that follow.
_BARELY: Final = 2
_FIRST_LATE: Final = float(ms(250))
_WITNESSES: Final = 8
_FRESH: Final = 4
_AT_ONCE: Final = 1.7
_WELL: Final = 0.25
_PITCHED: Final = 0.25
_EARLY: Final = float(ms(1))
_LUCKY: Final = 1 / 8
_SLOW_KNOBS: Final = float(ms(25))


class Footing(Enum):
    """How sure a line is."""

    FIRM = auto()
    FRESH = auto()
    """something has certainly just happened to playback, and the line is still being found"""
    DOUBTFUL = auto()
    """something may have happened"""


class Tracker:
    """The line of a stretch of playback. `start` it, then `add` what is read, each reading no earlier than the last.

    `line`: the line at present; `rate`: the rate, as far as it is well known; `bend`: an unannounced change of rate by
    which the line is just being bent, if any; `astray`: how many of the last readings in a row have fitted neither line
    nor jump.
    """

    __slots__ = (
        "_confirm",
        "_envelope",
        "_foreseen",
        "_infers",
        "_last",
        "_nominal",
        "_prior",
        "_recent",
        "_singly",
        "_steady",
        "_straightened",
        "_supposed",
        "_window",
        "astray",
        "bend",
        "lags",
        "line",
        "rate",
    )

    def __init__(self, character: Character, *, confirm: int) -> None:
        """`confirm`: how many readings must agree on a jump."""
        self._confirm = confirm
        self._infers = character.rate is RateKnowledge.INFERRED
        self._prior = PITCH if self._infers else CRYSTAL
        self._window = DurationNs(min(max(WINDOW, 40 * character.interval), 3 * WINDOW))
        supposed = _SUPPOSED[character.accuracy] + min(character.quantum, character.interval)
        self._supposed = float(supposed)
        self.lags = Lags(DurationNs(supposed), floor=_LEAST_SPREAD)
        self._recent: deque[Reading] = deque(maxlen=_RECENT)
        self.rate = self._nominal = 1.0
        self.start([Reading(HostNs(0), 0.0)])

    def start(
        self,
        readings: Sequence[Reading],
        *,
        hinge: Hinge | None = None,
        prior: float | None = None,
    ) -> None:
        """Playback is somewhere else, or goes otherwise: its first readings, at least one, or none but a hinge.

        `prior`: how far off `rate` may be; as usual where it is not given.
        """
        first = readings[0] if hinge is None else Reading(hinge.host, hinge.position)
        self._envelope = Envelope(first, rate=self.rate, prior=prior or self._prior, window=self._window, hinge=hinge)
        self._recent.clear()
        self._recent.extend(readings)
        for reading in readings:
            self._envelope.add(reading)
        self._last = readings[-1] if readings else first
        self._singly = len(readings)
        self._foreseen: Reading | None = None
        self.bend: Bend | None = None
        self._straightened = False
        self.astray = 0
        gap = self._gap(readings, self.rate) if hinge is None and len(readings) <= FEW else None
        self.line = self._steady = self._envelope.line(self.lags.spread, gap)

    @property
    def last(self) -> Reading:
        """The last reading."""
        return self._last

    @property
    def footing(self) -> Footing:
        """How sure the line is."""
        if self.bend is None:
            is_fresh = self._straightened or self._envelope.count <= _FRESH
            return Footing.FRESH if is_fresh else Footing.FIRM
        is_faster = self.bend.line.rate > self._steady.rate
        return Footing.FRESH if self.bend.odds > (_LIKELY_BEND if is_faster else _SURE_BEND) else Footing.DOUBTFUL

    def play_at(self, ratio: float) -> None:
        """Whenever it plays, it goes `ratio` times as fast as before."""
        self.rate *= ratio
        self._nominal *= ratio

    def turn(self, host: HostNs, ratio: float) -> None:
        """From `host` on it goes `ratio` times as fast as before: the player says so, some milliseconds late."""
        line = self.line
        position = line.at(host)
        tolerance = 2 * line.doubt(host) + GRAIN + abs(ratio - 1.0) * line.rate * _SLOW_KNOBS
        self.play_at(ratio)
        self.start([], hinge=Hinge(host, position, tolerance))

    def shift(self, host: HostNs, by: float, *, doubt: float) -> None:
        """At `host` it jumps by so much, give or take `doubt`: that was foreseen, not read."""
        line = self.line
        there = Reading(host, line.at(host) + by)
        self.start([], hinge=Hinge(*there, 2 * (line.doubt(host) + doubt) + 4 * GRAIN))
        self._foreseen = there

    @property
    def shifted_by(self) -> float:
        """By how much further than foreseen the last shift has been, as far as readings tell since."""
        return 0.0 if self._foreseen is None else self.line.at(self._foreseen.host) - self._foreseen.position

    def add(self, reading: Reading, interval: float) -> Step | None:
        """One more reading; returns the jump where it shows that there was one. `interval`: the usual time between.

        That the very first readings were late is no jump.
        """
        counts = not self._supersedes(self._last, reading, interval)
        self._singly = self._singly + 1 if counts else 0
        if not counts and self._may_be_late():
            self._recent.pop()
            self.bend = None if self.bend is None else replace(self.bend, length=self.bend.length - 1)
        self._recent.append(reading)
        evidence = evidence_of(list(self._recent), self._steady, self.lags)
        if evidence.oddity < _ODD or self._in_step(reading):
            self.astray = 0
        elif counts and reading.host - self._last.host < _AT_ONCE * interval:
            self.astray += 1
        self._last = reading
        step, bend = self._changes(evidence, interval)
        if step is not None:
            is_correction = self._envelope.count <= _WITNESSES and 0 < step.size <= _FIRST_LATE
            self.start(self._without_held_up(evidence.readings[-step.length :], interval))
            return None if is_correction else step
        self._include(reading, evidence, counts=counts)
        self._follow(bend, evidence)
        if self.bend is None:
            self._learn(evidence, counts=counts)
        return None

    def _changes(self, evidence: Evidence, interval: float) -> tuple[Step | None, Bend | None]:
        """What has happened to playback, if anything."""
        if evidence.chances[-1] <= _CALM:
            return None, None
        bend = find_bend(evidence, self.bend, confirm=self._confirm) if self._infers else None
        step = find_step(evidence, confirm=self._confirm, interval=interval, singly=self._singly)
        is_likelier = step is not None and (bend is None or step.gain > bend.odds + _UNLIKELY_STEP)
        return step if is_likelier else None, bend

    def _supersedes(self, last: Reading, reading: Reading, interval: float) -> bool:
        """Whether the last reading was held up, so that this one comes right behind it and says all that it said."""
        apart = reading.host - last.host
        held_up = reading.position - last.position - apart * self._steady.rate
        return apart < _RIGHT_BEHIND * interval and held_up > _HELD_UP * interval * abs(self._steady.rate)

    def _without_held_up(self, readings: Sequence[Reading], interval: float) -> Sequence[Reading]:
        """The readings that say something."""
        pairs = zip(readings, [*readings[1:], None], strict=True)
        return [last for last, next_ in pairs if next_ is None or not self._supersedes(last, next_, interval)]

    def _may_be_late(self) -> bool:
        """Whether delay explains the last reading: not if it is ahead of the line, or back behind the one before it."""
        if len(self._recent) < 2:
            return False
        before, last = self._recent[-2], self._recent[-1]
        return before.position <= last.position <= self._steady.at(last.host) + _EARLY

    def _in_step(self, reading: Reading) -> bool:
        """Whether playback moved on since the last reading, give or take a pitch and a delay."""
        usual = (reading.host - self._last.host) * self._steady.rate
        return abs(reading.position - self._last.position - usual) <= self.lags.longest + _PITCHED * abs(usual)

    def _include(self, reading: Reading, evidence: Evidence, *, counts: bool) -> None:
        """Readings that are ahead of the line are not taken before others have confirmed them."""
        envelope, line = self._envelope, self._steady
        most = 3 * line.doubt(reading.host) + _EARLY + self.lags.spread * _LUCKY
        if envelope.count <= _BARELY and not envelope.hinged:
            most = max(most, _FIRST_LATE)
        ahead = evidence.above[-1]
        if ahead > most and not (ahead < HYSTERESIS and self._has_witness(evidence, most)):
            return
        envelope.add(reading, counts=counts)
        few = envelope.count <= FEW and len(evidence.readings) <= FEW and not envelope.hinged
        self._steady = envelope.line(self.lags.spread, self._gap(evidence.readings, line.rate) if few else None)

    def _has_witness(self, evidence: Evidence, most: float) -> bool:
        """Whether another of the last readings was ahead too. Where the rate is inferred, that is the bends' affair."""
        return not self._infers and max(evidence.above[-1 - _WITNESSES : -1], default=0.0) > most

    def _gap(self, readings: Sequence[Reading], rate: float) -> float:
        """How far above a few readings the line is likely to run."""
        last = readings[-1].host
        levels = [reading.position + (last - reading.host) * rate for reading in readings]
        top = max(levels)
        return self.lags.gap([top - level for level in levels])

    def _follow(self, bend: Bend | None, evidence: Evidence) -> None:
        """Take the bend for true as far as it is likely; once it is long past, for good."""
        self._straightened = False
        if bend is None or bend.odds < 0.0:
            self._straightened = self.bend is not None
            self.bend = None
            self.line = self._steady
            return
        self.bend, self.line = bend, bend.line
        if bend.length > _OLD_BEND and bend.odds > _SURE_BEND:
            self._settle(bend, evidence)

    def _settle(self, bend: Bend, evidence: Evidence) -> None:
        old = evidence.line
        change = abs(bend.line.rate - old.rate)
        tolerance = 2 * (bend.at_doubt * change + old.doubt(bend.at)) + 2 * GRAIN
        since = bend.at + bend.at_doubt
        readings = [reading for reading in evidence.readings if reading.host > since]
        hinge = Hinge(bend.at, old.at(bend.at), tolerance)
        self.rate = bend.line.rate
        self.start(readings, hinge=hinge, prior=2 * bend.line.rate_variance**0.5 + _LEAST_PRIOR)

    def _learn(self, evidence: Evidence, *, counts: bool) -> None:
        """The rate, once it is known well; and lags, of readings that are no news any more."""
        steady = self._steady
        is_well_known = steady.rate_variance < (self._prior * _WELL) ** 2
        if is_well_known and (self._infers or abs(steady.rate / self._nominal - 1.0) < _WORST_CRYSTAL):
            self.rate = steady.rate
        if not counts or self._envelope.hinged:
            return
        if not self.lags.learned and 1 < len(evidence.readings) <= _LEARNED:
            self._suppose(evidence)
        if self._envelope.count >= _LEARNED and len(evidence.readings) > _UNSURE:
            self.lags.add(-evidence.above[-1 - _UNSURE] / evidence.pace)

    def _suppose(self, evidence: Evidence) -> None:
        """How far the very first readings lie apart shows roughly how late readings are."""
        count, above = len(evidence.readings), evidence.above
        seen = (max(above) - min(above)) / evidence.pace * (count + 1) / (count - 1)
        share = min((count - 1) / _ENOUGH, 1.0)
        self.lags.suppose(share * min(seen, 4 * self._supposed) + (1.0 - share) * self._supposed)
