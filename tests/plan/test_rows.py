"""What each row of a plan says."""

from __future__ import annotations

from hypothesis import given, settings

from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.osc import Tag
from beatsync.core.rules import Edge, Every, GridShift, Literal, TimeShift, TrackEdge, Unit
from beatsync.core.schedule import Phase
from beatsync.core.units import ms
from beatsync.plan.rows import PlanRow, lead_in_words, plan_rows
from tests.plan.shows import BEATS, SECTIONS, PlannedShow, computed, rule, show_of, shows, track_of


def rows_of(show: PlannedShow) -> list[PlanRow]:
    return list(plan_rows(show.track, show.schedule, targets=show.targets))


def test_a_row_has_the_position_the_place_in_the_bar_the_message_and_why() -> None:
    show = show_of(track_of()[0], [rule("look", SECTIONS, "/look/{label}", computed("energy"), computed("energy / 4"))])
    row = rows_of(show)[1]
    assert (row.position, row.seconds, row.face) == (8_000_000_000, 8.0, "0:08.000")
    assert (row.bar, row.beat, row.bar_beat) == (5, 1, "5.1")
    assert row.text == "/look/Build ,if 3 0.75"
    assert row.why == "rules[0] 'look' · Build · bar 5"
    assert row.what == "state"


def test_the_bar_is_that_of_the_cue_itself_when_the_rule_shifts_it() -> None:
    show = show_of(track_of()[0], [rule("early", SECTIONS, "/look", at=GridShift(-1, Unit.BEAT))])
    assert [row.bar_beat for row in rows_of(show)] == ["", "4.4", "8.4", "12.4"]


def test_the_bar_is_that_of_the_end_where_a_look_ends() -> None:
    show = show_of(track_of()[0], [rule("look", SECTIONS, "/look", ends=True)])
    assert [(row.what, row.bar_beat) for row in rows_of(show)[:3]] == [
        ("state", "1.1"),
        ("end", "5.1"),
        ("state", "5.1"),
    ]


def test_there_is_no_bar_after_the_grid_and_before_it() -> None:
    rules = [rule("out", TrackEdge(Edge.END), "/out"), rule("in", TrackEdge(Edge.START), "/in", at=TimeShift(ms(-10)))]
    assert [row.bar_beat for row in rows_of(show_of(track_of()[0], rules))] == ["", ""]


def test_the_pick_up_counts_up_to_bar_1() -> None:
    show = show_of(track_of(pick_up=2)[0], [rule("beats", BEATS, "/beat")])
    assert [row.bar_beat for row in rows_of(show)[:3]] == ["0.3", "0.4", "1.1"]


def test_each_row_carries_its_targets_lead() -> None:
    rules = [rule("a", SECTIONS, "/a"), rule("b", SECTIONS, "/b", target="visuals")]
    assert {(row.message.target, row.lead) for row in rows_of(show_of(track_of()[0], rules))} == {
        ("lights", NO_LEAD),
        ("visuals", Lead(ms(40))),
    }


def test_a_target_that_is_not_known_has_no_lead() -> None:
    show = show_of(track_of()[0], [rule("a", SECTIONS, "/a", target="unheard-of")])
    assert {row.lead for row in rows_of(show)} == {NO_LEAD}


def test_what_follows_a_hold_is_told_with_the_cue_that_is_held() -> None:
    row = rows_of(show_of(track_of()[0], [rule("hit", BEATS, "/hit", hold=ms(120))]))[0]
    assert row.hold == 120_000_000
    assert row.ending
    assert row.ending.address == "/off"
    assert row.text == "/hit ,, after 120 ms /off ,i 0"


def test_blobs_are_hexadecimal_and_types_without_data_show_none() -> None:
    blob, true = Literal(Tag.BLOB, b"\x00\xff"), Literal(Tag.TRUE, True)
    row = rows_of(show_of(track_of()[0], [rule("x", SECTIONS, "/x", blob, true)]))[0]
    assert row.message.arguments == ("00ff", True)
    assert row.text == "/x ,bT 00ff"


def test_a_text_argument_cannot_move_a_terminals_cursor() -> None:
    """I13."""
    literal = Literal(Tag.STRING, "\x1b[2J\n\u202e")
    row = rows_of(show_of(track_of()[0], [rule("x", SECTIONS, "/x", literal)]))[0]
    assert row.text.isprintable()
    assert row.message.arguments == ("\x1b[2J\n\u202e",)


def test_a_lead_is_said_in_words_either_way() -> None:
    assert [lead_in_words(Lead(ms(lead))) for lead in (40, -12.5, 0)] == ["40 ms early", "12.5 ms late", ""]
    assert lead_in_words(Lead(ms(5), ms(-20))) == "5 ms early, 20 ms late in the music"


def test_rows_come_in_the_order_in_which_cues_fall_due() -> None:
    rules = [rule("bars", Every(1, Unit.BAR), "/bar"), rule("look", SECTIONS, "/look", ends=True)]
    positions = [(row.position, row.phase) for row in rows_of(show_of(track_of()[0], rules))]
    assert positions == sorted(positions)
    assert Phase.END in {phase for _, phase in positions}


@settings(max_examples=40, deadline=None)
@given(shows())
def test_every_cue_is_one_row(show: PlannedShow) -> None:
    cues = list(show.schedule.cues)
    rows = rows_of(show)
    assert [(row.position, row.message.target, row.message.address, row.why) for row in rows] == [
        (cue.position, cue.target, cue.address, cue.why) for cue in cues
    ]
