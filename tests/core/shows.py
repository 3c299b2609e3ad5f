"""Small tracks, rules and playback for the tests of the engine: written so that the tests read as sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from beatsync.config.read import read_config
from beatsync.core.compilation import compile_schedule
from beatsync.core.document import parse_track
from beatsync.core.engine import MAIN_DECK, Engine
from beatsync.core.leads import Lead
from beatsync.core.rules import Rule
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Carrier, Target
from beatsync.core.track import Track
from beatsync.core.transport import NORMAL_RATE, PAUSED, Transport, rate_of
from beatsync.core.units import DurationNs, HostNs, TrackNs, ns_from_seconds
from beatsync.core.verdicts import Outcome

TARGET = Target(name="lights", carrier=Carrier.UDP, host="127.0.0.1", port=7700, max_rate=100_000)


def song(
    *sections: str,
    bpm: float = 120,
    pick_up: int = 0,
    beats_in_bar: dict[int, int] | None = None,
    **fields: object,
) -> Track:
    """A track of sections such as `"Drop 8"` or `"Drop 8 4"`: label, bars, energy; `?` is a section without a label.

    Bars have 4 beats unless said otherwise. At 120 bpm a beat is half a second and a bar two.
    """
    period = 60 / bpm
    now = pick_up * period
    times = [beat * period for beat in range(pick_up)]
    downbeats, spans, bar = [], [], 0
    for section in sections:
        label, bars, *energy = section.split()
        start = now
        for _ in range(int(bars)):
            bar += 1
            downbeats.append(now)
            beats = (beats_in_bar or {}).get(bar, 4)
            times += [now + beat * period for beat in range(beats)]
            now += beats * period
        name = None if label == "?" else label
        spans.append({"start": start, "end": now, "label": name, "energy": int(energy[0]) if energy else None})
    document = {
        "asset_id": "1",
        "duration": now,
        "bpm": bpm,
        "beat_grid": {"times": times, "downbeats": downbeats},
        "sections": spans,
        "phrases": [],
        **fields,
    }
    return parse_track(json.dumps(document).encode(), source="song").track


def rules_of(text: str, targets: str = "{lights: 'osc.udp://127.0.0.1:7700'}") -> tuple[Rule, ...]:
    """Rules as a configuration writes them: the YAML list that follows `rules:`."""
    configuration = f"track: {{bundled: demo}}\ntargets: {targets}\nrules:\n{text}\n"
    return read_config(configuration.encode(), path=Path("show.yaml")).decks[MAIN_DECK].rules


def schedule(track: Track, rules: str, *targets: Target) -> Schedule:
    """The schedule of rules as YAML."""
    chosen = targets or (TARGET,)
    names = ", ".join(f"{target.name}: 'osc.udp://127.0.0.1:{7700 + index}'" for index, target in enumerate(chosen))
    return compile_schedule(track, rules_of(rules, f"{{{names}}}"), chosen)


def written(outcome: Outcome) -> str:
    """An outcome as tests compare it: `/beat 1 1`, with the verdict in front where it is not `sent`."""
    cue = outcome.cue
    text = " ".join([cue.address, *(str(value) for _, value in cue.arguments)])
    return text if outcome.verdict == "sent" else f"{outcome.verdict}: {text}"


@dataclass
class Player:
    """Plays an engine in steps of virtual time. `seconds` is the host's clock; `log` everything that was decided."""

    schedule: Schedule
    targets: tuple[Target, ...] = (TARGET,)
    seconds: float = 100.0
    log: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(self.targets)
        self.engine.load(self.schedule)

    @property
    def now(self) -> HostNs:
        return HostNs(ns_from_seconds(self.seconds))

    def play(self, at: float, rate: float = 1.0) -> list[str]:
        """Playback starts, or jumps to, `at` seconds."""
        return self._seek(Transport(self.now, TrackNs(ns_from_seconds(at)), rate_of(rate)))

    def pause(self) -> list[str]:
        """Hold the position."""
        assert self.engine.transport is not None
        return self._seek(Transport(self.now, self.engine.transport.position_at(self.now), PAUSED))

    def resume(self) -> list[str]:
        """Go on from the position."""
        assert self.engine.transport is not None
        return self._seek(Transport(self.now, self.engine.transport.position_at(self.now), NORMAL_RATE))

    def _seek(self, transport: Transport) -> list[str]:
        decided = self._advance()
        self.engine.seek(transport, self.now)
        return decided + self._advance()

    def adjust(self, by: float) -> list[str]:
        """The position is known better: `by` seconds further on."""
        transport = self.engine.transport
        assert transport is not None
        decided = self._advance()
        self.engine.adjust(replace(transport, track=TrackNs(transport.track + ns_from_seconds(by))))
        return decided + self._advance()

    def lead(self, target: str, seconds: float) -> list[str]:
        """Change a lead."""
        decided = self._advance()
        self.engine.set_lead(target, Lead(DurationNs(ns_from_seconds(seconds))))
        return decided + self._advance()

    def load(self, schedule: Schedule) -> list[str]:
        """Another schedule."""
        decided = self._advance()
        self.engine.load(schedule)
        return decided + self._advance()

    def chase(self, target: str) -> list[str]:
        """The receiver came back."""
        decided = self._advance()
        self.engine.chase(target, self.now)
        return decided + self._advance()

    def stop(self) -> list[str]:
        """Playback is over."""
        decided = self._advance()
        self.engine.stop(self.now)
        return decided + self._advance()

    def run(self, seconds: float) -> list[str]:
        """Let time pass as the conductor does: from deadline to deadline."""
        end = HostNs(self.now + ns_from_seconds(seconds))
        decided: list[str] = []
        while (deadline := self.engine.next_deadline()) is not None and deadline <= end:
            self.seconds = max(self.seconds, deadline / 1e9)
            decided += self._advance(HostNs(max(deadline, self.now)))
        self.seconds = end / 1e9
        return decided

    def stall(self, seconds: float) -> list[str]:
        """Time passes and nobody looks."""
        self.seconds += seconds
        return self._advance()

    def _advance(self, now: HostNs | None = None) -> list[str]:
        outcomes = self.engine.advance(self.now if now is None else now)
        self.log += outcomes
        return [written(outcome) for outcome in outcomes]
