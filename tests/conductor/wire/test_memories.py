"""An engine that has been written down and read again goes on exactly as if nothing had happened."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.conductor.wire.cues import Numbering
from beatsync.conductor.wire.memories import EngineRecord, engine_memory, engine_record
from beatsync.conductor.wire.tables import as_loaded, loaded_of
from beatsync.core.engine import MAIN_DECK, Engine
from beatsync.core.leads import Lead
from beatsync.core.schedule import Schedule
from beatsync.core.units import ms
from beatsync.core.verdicts import Cause, Outcome, Verdict
from tests.core.random_shows import (
    ADJUST,
    CHASE,
    JUMP,
    LEAD,
    PAUSE,
    RELEASE,
    RELOAD,
    RESUME,
    RUN,
    SILENCE,
    STALL,
    STOP,
    TARGETS,
    TRACK_LEAD,
    WOBBLE,
    RandomShow,
    Run,
    Step,
    key_of,
    shows,
)

EVERYTHING = st.lists(
    st.one_of(
        *(RUN, RUN, RUN, STALL, JUMP, PAUSE, RESUME, WOBBLE, ADJUST),
        *(LEAD, TRACK_LEAD, RELOAD, CHASE, SILENCE, RELEASE, STOP),
    ),
    max_size=25,
)


def over_the_wire(schedule: Schedule) -> Schedule:
    packed = as_loaded(schedule)
    return loaded_of(packed.digest, packed.parts).numbering.schedule


@dataclass
class ReadAgain(Run):
    """Plays a script with an engine that is written down, thrown away and read again at every step."""

    def do(self, step: Step) -> list[Outcome]:
        if step.name == "load":
            self.schedule = over_the_wire(self.show.schedule(step.ms))
            self._advance()
            self.engine.load(self.schedule)
            outcomes = super().do(Step("run"))
        else:
            outcomes = super().do(step)
        self.engine = self.reread()
        return outcomes

    def reread(self) -> Engine:
        written = msgspec.msgpack.encode(engine_record(self.engine.memory(), Numbering.of(self.schedule)))
        fresh = over_the_wire(self.schedule)
        memory = engine_memory(msgspec.msgpack.decode(written, type=EngineRecord), Numbering.of(fresh), deck=MAIN_DECK)
        self.schedule = fresh
        return Engine.recalled(memory, fresh, TARGETS)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.schedule = over_the_wire(self.show.schedule())
        self.engine = Engine(TARGETS)
        self.engine.load(self.schedule)
        for target, lead in self.leads.items():
            self.engine.set_lead(target, Lead(ms(lead)))


def told(outcome: Outcome) -> tuple[object, Verdict, Cause, int, int, str]:
    return (
        key_of(outcome.cue),
        outcome.verdict,
        outcome.cause,
        outcome.due,
        outcome.pass_number,
        outcome.reason,
    )


LEADS = st.fixed_dictionaries({target.name: st.sampled_from([0, 0, 40, 250, -40, -250]) for target in TARGETS})


@settings(max_examples=150)
@given(shows(), LEADS, EVERYTHING)
def test_an_engine_that_is_read_again_goes_on_as_if_nothing_had_happened(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    steady, reread = Run(show, leads), ReadAgain(show, leads)
    for step in script:
        assert [told(outcome) for outcome in reread.do(step)] == [told(outcome) for outcome in steady.do(step)]
        assert reread.engine.next_deadline() == steady.engine.next_deadline()


@given(shows())
def test_a_schedule_over_the_wire_has_the_same_cues_in_the_same_lanes_with_the_same_numbers(show: RandomShow) -> None:
    schedule = show.schedule()
    fresh = over_the_wire(schedule)
    assert list(fresh.targets) == list(schedule.targets)
    for there, here in zip(Numbering.of(fresh).cues, Numbering.of(schedule).cues, strict=True):
        assert (there.rank, there.packet, there.why, there.origin) == (here.rank, here.packet, here.why, here.origin)
        assert (there.ending and there.ending.packet) == (here.ending and here.ending.packet)
