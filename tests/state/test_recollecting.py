"""What of a kept show is gone on with: not one of yesterday, not one that was ended, at the right place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from beatsync.config.configuration import Configuration, TrackChoice
from beatsync.config.read import read_config
from beatsync.core.leads import NO_LEAD
from beatsync.core.transport import NORMAL_RATE, PAUSED, Transport
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, WallNs
from beatsync.decks.material import name_of
from beatsync.state.kept import Instant, Kept, KeptDeck, KeptSettings, KeptShow, KeptTrack, clock_mark, kept_track
from beatsync.state.opening import CRASHES_WITHIN, is_crash_loop
from beatsync.state.recollecting import UNCERTAIN, Nothing, ShowMemory, recollect

WRITTEN = """
setlist: [a.json, b.json, c.json]
clock: {start: armed}
targets: {lights: 'osc.udp://10.0.0.1:7700'}
resume: {within: %s}
"""
THEN = Instant(HostNs(100 * NS_PER_SECOND), WallNs(1_700_000_000 * NS_PER_SECOND), "one")
LINE = Transport(HostNs(90 * NS_PER_SECOND), TrackNs(0))


def configured(within: str = "5min", **changes: str) -> Configuration:
    text = WRITTEN % within
    for old, new in changes.items():
        text = text.replace(old.replace("_", " "), new)
    return read_config(text.encode(), path=Path("/shows/show.yaml"))


def kept(place: int | None = 1, *, configuration: Configuration | None = None, line: Transport | None = LINE) -> Kept:
    """The show 10 s into its second track."""
    deck = (configuration or configured()).decks["main"]
    assert deck.setlist is not None
    choice: TrackChoice = deck.setlist.tracks[place or 0]  # type: ignore[index]
    its = KeptDeck(
        track=kept_track(choice),
        place=place,
        gap=0,
        clock=clock_mark(deck.clock),
        transport=line,
        rate=NORMAL_RATE,
        stopped=False,
        pass_number=4,
    )
    settings = KeptSettings(leads={"lights": NO_LEAD}, muted=("lights",), soloed=(), panicked=False, locked=True)
    return Kept(KeptShow("main", {"main": its}, settings), THEN, over=False)


def later(seconds: float, *, boot: str = "one", host: float | None = None) -> Instant:
    """So long after THEN; `host`: what the monotonic clock says, if the machine was started anew."""
    ns = round(seconds * NS_PER_SECOND)
    at = THEN.host + ns if host is None else round(host * NS_PER_SECOND)
    return Instant(HostNs(at), WallNs(THEN.wall + ns), boot)


def memory(now: Instant, its: Kept | None = None, configuration: Configuration | None = None) -> ShowMemory:
    found = recollect(its or kept(), now, configuration or configured())
    assert isinstance(found, ShowMemory), found
    return found


def position(found: ShowMemory, now: Instant) -> float:
    line = found.decks["main"].transport
    assert line is not None
    return line.position_at(now.host) / NS_PER_SECOND


def test_after_a_crash_the_line_is_where_it_would_be_now() -> None:
    now = later(2)
    found = memory(now)
    assert position(found, now) == 12.0
    assert (found.away, found.rebooted) == (2 * NS_PER_SECOND, False)
    assert (found.since, found.until) == (THEN.host, THEN.host + UNCERTAIN)
    assert found.decks["main"].pass_number == 4


def test_a_step_of_the_wall_clock_is_nothing_where_the_machine_has_gone_on() -> None:
    """H1."""
    now = replace(later(2), wall=WallNs(THEN.wall - 3600 * NS_PER_SECOND))
    assert position(memory(now), now) == 12.0


def test_after_a_reboot_the_line_is_where_civil_time_says() -> None:
    now = later(40, boot="two", host=7)
    found = memory(now)
    assert position(found, now) == 50.0
    assert (found.since, found.rebooted) == ((7 - 40) * NS_PER_SECOND, True)


def test_where_boots_have_no_names_civil_time_is_asked_too() -> None:
    nameless = replace(kept(), alive=replace(THEN, boot=""))
    now = later(3, boot="", host=1)
    assert position(memory(now, nameless), now) == 13.0


@pytest.mark.parametrize(("seconds", "goes_on"), [(299, True), (300, True), (301, False), (86_400, False)])
def test_a_show_of_yesterday_does_not_start_by_itself(seconds: int, goes_on: bool) -> None:
    found = recollect(kept(), later(seconds), configured())
    assert isinstance(found, ShowMemory) is goes_on
    if isinstance(found, Nothing):
        assert "begins anew" in found.reason


def test_how_old_it_may_be_is_configured_or_it_is_never_gone_on_with() -> None:
    assert isinstance(recollect(kept(), later(3000), configured("60min")), ShowMemory)
    assert recollect(kept(), later(1), configured("never")) == Nothing()


def test_a_show_that_was_ended_on_purpose_is_over() -> None:
    assert recollect(replace(kept(), over=True), later(1), configured()) == Nothing()
    assert recollect(None, later(1), configured()) == Nothing()


def test_a_show_from_the_future_is_not_gone_on_with_and_the_clock_is_blamed() -> None:
    """F14: no battery, no network yet."""
    found = recollect(kept(), later(-500, boot="two", host=5), configured())
    assert isinstance(found, Nothing)
    assert "500 s from now: the clock of this machine is wrong" in found.reason


def test_a_pause_is_found_paused() -> None:
    held = Transport(THEN.host, TrackNs(5 * NS_PER_SECOND), PAUSED)
    now = later(40, boot="two", host=7)
    assert position(memory(now, kept(line=held)), now) == 5.0


def test_a_track_is_found_again_in_a_list_that_was_edited_meanwhile() -> None:
    edited = configured(**{"a.json,": "x.json, y.json, a.json,"})
    its = memory(later(1), configuration=edited).decks["main"]
    assert its.standing.place == 3
    assert its.transport is not None


def test_where_the_track_has_been_taken_out_its_place_is_armed() -> None:
    edited = configured(**{"b.json, ": ""})
    its = memory(later(1), configuration=edited).decks["main"]
    assert (its.standing.place, its.transport) == (1, None)
    assert its.standing.choice is not None
    assert name_of(its.standing.choice) == "/shows/c.json"


def test_a_track_that_was_loaded_by_hand_is_loaded_again() -> None:
    by_hand = kept()
    its = replace_deck(by_hand, place=None, gap=2, track=KeptTrack(kept_track(track("q.json")).origin, NO_LEAD))
    found = memory(later(1), its).decks["main"]
    assert found.standing.choice is not None
    assert name_of(found.standing.choice) == "/shows/q.json"
    assert (found.standing.place, found.standing.gap, found.transport) == (None, 2, LINE)


def test_a_deck_that_something_else_leads_now_begins_as_the_configuration_says() -> None:
    its = memory(later(1), configuration=configured(**{"start: armed": "start: now"})).decks
    assert (its["main"].as_it_was, its["main"].transport) == (False, None)
    assert its["main"].standing.place == 1


def test_what_was_set_by_hand_is_remembered() -> None:
    settings = memory(later(1)).settings
    assert (settings.muted, settings.locked, settings.leads) == (frozenset({"lights"}), True, {"lights": NO_LEAD})


def test_three_crashes_within_half_a_minute_are_a_crash_loop() -> None:
    """L4."""
    assert is_crash_loop([later(29), later(20), later(1)], later(30))
    assert not is_crash_loop([later(29), later(20)], later(30))
    assert not is_crash_loop([later(29), later(20), later(-1)], later(30))
    rebooted = later(20, boot="two", host=5)
    assert is_crash_loop([later(15), later(10), later(5)], rebooted)
    assert not is_crash_loop([later(3)] * 3, later(3 + CRASHES_WITHIN // NS_PER_SECOND + 1, boot="two", host=5))


def track(name: str) -> TrackChoice:
    deck = configured(**{"a.json": name}).decks["main"]
    assert deck.setlist is not None
    return deck.setlist.tracks[0]  # type: ignore[index]


def replace_deck(its: Kept, **changes: object) -> Kept:
    deck = its.show.decks["main"]
    fields = {name: getattr(deck, name) for name in deck.__struct_fields__} | changes
    return replace(its, show=KeptShow("main", {"main": KeptDeck(**fields)}, its.show.settings))
