"""What is left of a show in which processes were killed: what arrived, and when; what the books and logs say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from beatsync.conductor.conductor import DIED_SENDING
from beatsync.core.lateness import LATE_AFTER
from tests.system.stamped import Arrival

BEATS: Final = "beats"
LOOKS: Final = "looks"
BEATS_A_SECOND: Final = 20
PERIOD: Final = 10**9 // BEATS_A_SECOND
ROOM: Final = 30_000_000
"""By so much a stamp of the kernel's may be later than the conductor thought: this machine has other things to do."""


@dataclass(frozen=True)
class Aftermath:
    """`arrivals` by target; `summary`: the conductor's last books; `cues`: of all daemons' logs; who was `killed`."""

    arrivals: Mapping[str, list[Arrival]]
    summary: Mapping[str, Any]
    cues: list[Mapping[str, Any]]
    killed: Counter[str]
    seconds: float

    @property
    def verdicts(self) -> Mapping[str, int]:
        """How many cues got each."""
        verdicts: Mapping[str, int] = self.summary["verdicts"]
        return verdicts

    @property
    def lateness(self) -> dict[str, int]:
        """Of each beat that arrived, by the kernel's stamps and the beats' own grid."""
        beats = self.arrivals[BEATS]
        start = min(arrival.at - _position(arrival.text) for arrival in beats)
        return {arrival.text: arrival.at - _position(arrival.text) - start for arrival in beats}


def _position(beat: str) -> int:
    """Of `/beat BAR BEAT`, from the first one on."""
    _, bar, number = beat.split()
    return (4 * (int(bar) - 1) + int(number) - 1) * PERIOD


def _text(cue: Mapping[str, Any]) -> str:
    return " ".join([cue["address"], *(str(value) for value in cue["args"])])


def check(aftermath: Aftermath) -> None:
    """Nothing was lost or doubled that the books do not name, and what they call on time was so by the kernel."""
    verdicts, due = aftermath.verdicts, aftermath.summary["due"]
    assert due == sum(verdicts.values())
    assert aftermath.summary["queued"] == 0
    arrived = sum(len(arrivals) for arrivals in aftermath.arrivals.values())
    went = verdicts["sent"] + verdicts["late"]
    assert went <= arrived <= went + verdicts["failed"]
    check_beats(aftermath)
    check_logs(aftermath)
    check_looks(aftermath.arrivals[LOOKS])


def check_beats(aftermath: Aftermath) -> None:
    """A pulse comes once or not at all; none is missing that the books do not count; late ones are called late."""
    beats = Counter(arrival.text for arrival in aftermath.arrivals[BEATS])
    assert set(beats.values()) == {1}
    last = max(map(_position, beats)) // PERIOD + 1
    not_sent = aftermath.summary["due"] - aftermath.verdicts["sent"] - aftermath.verdicts["late"]
    assert last - len(beats) <= not_sent
    late = sum(lateness > LATE_AFTER + ROOM for lateness in aftermath.lateness.values())
    assert late <= aftermath.verdicts["late"]


def check_logs(aftermath: Aftermath) -> None:
    """What the daemons' logs say of a beat is what happened to it."""
    lateness = aftermath.lateness
    for cue in aftermath.cues:
        if cue["target"] != BEATS:
            continue
        came = _text(cue) in lateness
        if cue["verdict"] in {"sent", "late"}:
            assert came, cue
            assert lateness[_text(cue)] <= cue["lateness_ms"] * 1e6 + ROOM, cue
        elif cue["reason"] != DIED_SENDING:
            assert not came, cue


def check_looks(looks: list[Arrival]) -> None:
    """After the stop no look is left standing, and on the way no two were left standing for good."""
    standing: dict[str, str] = {}
    for arrival in looks:
        address, _, value = arrival.text.partition(" ")
        standing[address] = value
    assert {look for look, value in standing.items() if value != "0"} == set()


def described(aftermath: Aftermath) -> Iterator[str]:
    """The figures, for people."""
    lateness = sorted(aftermath.lateness.values())
    killed = ", ".join(f"{count} {what}" for what, count in aftermath.killed.items())
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in aftermath.verdicts.items() if count)
    doubtful = sum(cue["reason"] == DIED_SENDING for cue in aftermath.cues)
    arrived = {target: len(arrivals) for target, arrivals in aftermath.arrivals.items()}
    logged = len({(cue["target"], _text(cue), cue["due"]) for cue in aftermath.cues})
    yield f"killed in {aftermath.seconds:.0f} s: {killed}"
    yield f"due: {aftermath.summary['due']} cues: {verdicts}; in the logs: {logged}"
    yield f"arrived, by the receivers: {arrived}; died in the very act of sending: {doubtful}"
    yield (
        f"beats by the kernel's stamps: p50 {lateness[len(lateness) // 2] / 1e6:.3f} ms, "
        f"max {lateness[-1] / 1e6:.1f} ms, {sum(late > LATE_AFTER for late in lateness)} more than 20 ms late"
    )
