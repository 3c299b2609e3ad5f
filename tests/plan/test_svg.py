"""The picture: well-formed whatever the labels say, every cue in it once, small however long the track."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings

from beatsync.core.notes import Note
from beatsync.core.rules import Edge, Ending, Every, Kind, TimeShift, TrackEdge, Unit
from beatsync.core.targets import Carrier, Target
from beatsync.core.units import ms
from beatsync.plan.svg import plan_svg
from beatsync.plan.svg_text import ELLIPSIS
from tests.plan.shows import (
    BEATS,
    HOSTILE,
    LIGHTS,
    SECTIONS,
    PlannedShow,
    computed,
    default_show,
    rule,
    show_of,
    shows,
    track_of,
)

ELEMENTS = {"svg", "title", "desc", "g", "rect", "path", "polygon", "text"}
PAINT = re.compile(r"#[0-9a-f]{6}|none")
TWO_MEGABYTES = 2_000_000


def picture(show: PlannedShow, *, title: str | None = None) -> ET.Element:
    svg = plan_svg(show.track, show.schedule, targets=show.targets, notes=show.notes, title=title)
    assert svg.isascii()
    assert len(svg) < TWO_MEGABYTES
    return ET.fromstring(svg)


def kind_of(element: ET.Element) -> str:
    return element.tag.removeprefix("{http://www.w3.org/2000/svg}")


def words(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter() if kind_of(element) == "text"]


def cue_marks(root: ET.Element) -> list[ET.Element]:
    return [element for element in root.iter() if "data-cues" in element.attrib]


def cues_in(root: ET.Element) -> int:
    return sum(int(mark.attrib["data-cues"]) for mark in cue_marks(root))


def scale_of(root: ET.Element) -> float:
    """Pixels a second of a track of 32 seconds, from its last time mark back to its first."""
    places = {text.text: float(text.attrib["x"]) for text in root.iter() if kind_of(text) == "text"}
    return (places["0:30"] - places["0:00"]) / 30


def ends_at(root: ET.Element) -> list[float]:
    """The seconds at which marks say that something ends."""
    first = next(float(text.attrib["x"]) - 4 for text in root.iter() if text.text == "0:00")
    bases = [
        float(mark.attrib["points"].split()[1].split(",")[0])
        for mark in root.iter()
        if kind_of(mark) == "polygon" and mark.find("{*}title") is not None
    ]
    return [round((base - first) / scale_of(root), 1) for base in bases]


def tooltips(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter() if kind_of(element) == "title"]


@settings(max_examples=60, deadline=None)
@given(shows())
def test_every_show_makes_a_picture_with_every_cue_in_it_once_and_nothing_foreign(show: PlannedShow) -> None:
    """I8, I9, I13."""
    root = picture(show, title=HOSTILE[2])
    assert cues_in(root) == len(show.schedule)
    for element in root.iter():
        assert kind_of(element) in ELEMENTS
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "url(" not in value
            if name in {"fill", "stroke"}:
                assert PAINT.fullmatch(value)


@settings(max_examples=25, deadline=None)
@given(shows())
def test_nothing_is_drawn_outside_the_page(show: PlannedShow) -> None:
    root = picture(show)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        if kind_of(element) == "rect":
            left, top = float(element.attrib["x"]), float(element.attrib["y"])
            assert left >= 0
            assert top >= 0
            assert left + float(element.attrib["width"]) <= width + 1
            assert top + float(element.attrib["height"]) <= height + 1


def test_the_head_tells_the_track() -> None:
    shown = words(picture(default_show()))
    assert "Track 1843209165" in shown
    assert any("0:32.000" in text and "120 bpm" in text and "4 sections" in text for text in shown)


def test_a_title_replaces_the_tracks_name_and_is_escaped() -> None:
    assert "<b>Night & Day</b>" in words(picture(default_show(), title="<b>Night & Day</b>"))


def test_a_section_shows_its_name_its_occurrence_and_its_length() -> None:
    shown = words(picture(default_show(labels=["Build", "Drop"])))
    assert "Drop 2/2" in shown
    assert "4 bars" in shown


def test_a_sections_tower_is_as_high_as_its_energy() -> None:
    def heights(energy: int) -> set[float]:
        root = picture(default_show(energy=energy, labels=["Drop"]))
        drop = [element for element in root.iter() if (element.findtext("{*}title") or "").startswith("Drop 1 of 4")]
        return {float(element.attrib["height"]) for element in drop}

    assert max(heights(2)) < max(heights(4))
    assert min(heights(1)) * 2 == min(heights(2))


def test_an_unknown_energy_is_shown_as_unknown_rather_than_low() -> None:
    root = picture(default_show(energy=None))
    assert "energy unknown" in words(root)
    assert any("energy unknown" in tip for tip in tooltips(root))


def test_a_mark_tells_its_position_place_message_and_reason() -> None:
    show = show_of(track_of()[0], [rule("look", SECTIONS, "/look/{label}", computed("energy"), target="visuals")])
    assert (
        "0:08.000 · bar 5.1\nvisuals /look/Build ,i 3\nrules[0] 'look' · Build · bar 5\nsent 40 ms early"
        in tooltips(picture(show))
    )


def test_the_end_of_a_look_is_a_mark_of_its_own() -> None:
    root = picture(show_of(track_of()[0], [rule("look", SECTIONS, "/look", ends=True)]))
    assert sum(kind_of(mark) == "polygon" for mark in cue_marks(root)) == 4
    assert "ends a look" in words(root)
    assert "looks on after its span: nothing ends it" not in words(root)


def test_a_look_that_nothing_ends_is_seen_to_stand_on() -> None:
    first_bar = rule("bars", Every(8, Unit.BAR), "/look", kind=Kind.STATE, at=TimeShift(ms(-1000)))
    assert "looks on after its span: nothing ends it" in words(picture(show_of(track_of()[0], [first_bar])))


def test_a_held_cue_tells_what_follows_it() -> None:
    root = picture(show_of(track_of()[0], [rule("hit", SECTIONS, "/hit", kind=Kind.PULSE, hold=ms(900))]))
    assert any("after 900 ms /off ,i 0" in tip for tip in tooltips(root))
    assert "holds so long, then ends" in words(root)


def test_a_held_look_is_as_long_as_it_is_held_and_ends_with_a_mark_that_is_no_cue_of_the_track() -> None:
    root = picture(show_of(track_of()[0], [rule("look", TrackEdge(Edge.START), "/look", hold=ms(8000))]))
    span = cue_marks(root)[0]
    assert float(span.attrib["width"]) == pytest.approx(scale_of(root) * 8, abs=1)
    assert "ends a look" in words(root)
    assert cues_in(root) == 1


def test_a_held_look_ends_at_its_time_also_where_another_one_has_replaced_it() -> None:
    """The desk is told `/look/Build 0` eight and a half seconds after `/look/Build`, whatever it was told meanwhile."""
    held = rule("look", SECTIONS, "/look/{label}", hold=ms(8500))
    send = held.sends[0]
    addressed = replace(held, sends=(replace(send, ending=Ending(send.message, ms(8500))),))
    show = show_of(track_of()[0], [addressed])
    assert ends_at(picture(show)) == [8.5, 16.5, 24.5]


def test_a_button_that_is_pressed_again_before_it_is_let_go_is_let_go_once() -> None:
    show = show_of(track_of()[0], [rule("hit", SECTIONS, "/hit", kind=Kind.PULSE, hold=ms(8500))])
    assert ends_at(picture(show)) == []  # the last of the four would end after the track
    show = show_of(track_of()[0], [rule("hit", SECTIONS, "/hit", kind=Kind.PULSE, hold=ms(7000))])
    assert ends_at(picture(show)) == [7.0, 15.0, 23.0, 31.0]


def test_the_end_of_a_look_is_drawn_where_it_is_planned() -> None:
    show = show_of(track_of()[0], [rule("look", SECTIONS, "/look", ends=True, at=TimeShift(ms(-1500)))])
    assert ends_at(picture(show)) == [6.5, 14.5, 22.5, 30.5]


def test_a_section_too_narrow_for_its_name_has_it_beside_it_and_whole() -> None:
    labels = ["Verse", "Transition", "Drop", "Breakdown", "Climax"]
    root = picture(default_show(seconds=96.0, section_beats=4, labels=labels, phrases=[]))
    shown = words(root)
    assert {f"Transition {number}/10" for number in range(1, 11)} <= set(shown)
    assert not any(ELLIPSIS in word for word in shown)


def test_what_is_cut_shows_its_start_and_its_end_and_all_of_it_under_the_pointer() -> None:
    address = "/composition/selectedlayer/video/effects/transform/position/horizontal/by-hand"
    label = "The bridge with the long solo of the second guitar that nobody counted the bars of"
    targets = (replace(LIGHTS, name="t" * 64), LIGHTS)
    show = show_of(track_of(labels=[label])[0], [rule("long", SECTIONS, address)], targets)
    root = picture(show)
    cut = {word: element for element in root.iter() if ELLIPSIS in (word := (element.text or ""))}
    of_row = next(word for word in cut if word.startswith("/composition"))
    assert of_row.endswith("by-hand")
    assert cut[of_row].findtext("{*}title") == address
    of_section = next(word for word in cut if word.startswith("The bridge"))
    assert any(label in tip for tip in tooltips(root))
    assert of_section.split(ELLIPSIS)[1]
    assert "t" * 64 in words(root)


def test_each_target_says_where_it_is_and_how_much_it_gets() -> None:
    targets = tuple(replace(LIGHTS, name=f"node-{index}", port=8000 + index) for index in range(20))
    shown = words(picture(default_show(targets=targets)))
    assert {f"osc.udp://127.0.0.1:{8000 + index}  ·  92 cues" for index in range(20)} <= set(shown)
    assert not any("together" in word for word in shown)


def test_a_look_in_a_narrow_section_says_what_the_name_of_its_row_does_not() -> None:
    address = "/composition/columns/{label}/connect"
    root = picture(show_of(track_of(64.0)[0], [rule("column", SECTIONS, address, computed("energy"))]))
    assert address in words(root)
    assert {"Intro 3", "Build 3", "Drop 3", "Break 3"} <= set(words(root))


def test_the_pick_up_and_bars_of_odd_length_are_marked() -> None:
    times = [0.5 * beat for beat in range(40)]
    downbeats = [times[2], times[6], times[9], *times[13::4]]
    track, _ = track_of(20.0, beat_grid={"times": times, "downbeats": downbeats})
    tips = tooltips(picture(show_of(track, [])))
    assert "pick-up: 2 beats before bar 1" in tips
    assert "bar 2: 3 beats; most bars have 4" in tips


def test_cues_before_the_track_are_drawn_before_it() -> None:
    show = show_of(track_of()[0], [rule("ready", TrackEdge(Edge.START), "/ready", at=TimeShift(ms(-4000)))])
    root = picture(show)
    assert "before the track" in tooltips(root)
    assert "outside the track" in words(root)


def test_cues_absurdly_far_outside_do_not_squeeze_the_track_and_are_told() -> None:
    show = show_of(track_of()[0], [rule("ready", TrackEdge(Edge.START), "/ready", at=TimeShift(ms(-36_000_000)))])
    root = picture(show)
    assert "1 cue further outside the track than is drawn: put at the edges" in words(root)
    assert cues_in(root) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"beat_grid": None}, "this track has no beat grid"),
        ({"sections": []}, "this track has no sections"),
    ],
)
def test_what_the_track_lacks_is_said_in_its_place(changed: dict[str, object], said: str) -> None:
    """I8, I9."""
    assert said in words(picture(default_show(**changed)))  # type: ignore[arg-type]


def test_a_show_without_cues_and_without_targets_still_draws() -> None:
    assert cues_in(picture(show_of(track_of()[0], [], ()))) == 0


def test_a_target_without_cues_has_its_lane() -> None:
    assert "visuals" in words(picture(show_of(track_of()[0], [rule("look", SECTIONS, "/look")])))


def test_warnings_stand_in_the_head_and_at_the_foot() -> None:
    show = show_of(track_of()[0], [], notes=tuple(Note(f"rules[{n}]", "matches nothing") for n in range(40)))
    shown = words(picture(show))
    assert "40 warnings, below" in shown
    assert "rules[3]: matches nothing" in shown
    assert "and 24 more, which the table shows" in shown


def test_pulses_far_enough_apart_are_marks_of_their_own() -> None:
    root = picture(show_of(track_of()[0], [rule("beats", BEATS, "/beat")]))
    assert {mark.attrib["data-cues"] for mark in cue_marks(root)} == {"1"}
    assert len(cue_marks(root)) == 64


def test_pulses_too_close_to_be_told_apart_are_a_band_that_counts_them() -> None:
    burst = [rule("burst", BEATS, "/beat", at=TimeShift(ms(shift))) for shift in range(0, 500, 10)]
    root = picture(show_of(track_of()[0], burst))
    assert cues_in(root) == 64 * 50
    assert len(cue_marks(root)) < 10
    assert "many cues: the darker, the denser" in words(root)


def test_a_band_of_dense_cues_is_broken_up_between_sections() -> None:
    burst = [rule("burst", BEATS, "/beat", at=TimeShift(ms(shift))) for shift in range(0, 500, 10)]
    counts = [mark.attrib["data-cues"] for mark in cue_marks(picture(show_of(track_of()[0], burst)))]
    assert counts == ["800"] * 4


def test_an_hour_of_8000_beats_stays_small_and_is_drawn_line_below_line() -> None:
    root = picture(default_show(seconds=3600.0, bpm=134.0, section_beats=64))
    assert float(root.attrib["width"]) == 1600
    assert {"1", "12"} <= set(words(root))
    assert len(cue_marks(root)) < 7000


def test_thousands_of_short_sections_stay_small() -> None:
    """I11."""
    spans = [
        {"start": 0.3 * n, "end": 0.3 * n + 0.3, "label": f"L{n % 9}", "energy": n % 4 + 1, "color": f"#{n:06x}"}
        for n in range(3000)
    ]
    show = default_show(seconds=900.0, sections=spans, phrases=spans)
    assert cues_in(picture(show)) == len(show.schedule)


def test_two_hundred_targets_have_a_lane_each() -> None:
    targets = tuple(Target(name=f"desk {n}", carrier=Carrier.UDP, host="127.0.0.1", port=7000 + n) for n in range(200))
    show = default_show(targets=targets)
    assert cues_in(picture(show)) == len(show.schedule)


def test_more_addresses_than_a_lane_has_rows_share_the_last_one() -> None:
    show = show_of(track_of()[0], [rule(f"r{n}", Every(1, Unit.BAR), f"/address/{n}") for n in range(40)])
    root = picture(show)
    assert "29 more, together" in words(root)
    assert cues_in(root) == len(show.schedule)
