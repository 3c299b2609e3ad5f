"""The daemon's status for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from beatsync.core.units import clock_face, ns_from_seconds
from beatsync.terminal.quality_words import connection, followed, heard, last_break, not_taken
from beatsync.terminal.receiver_words import receiver_in_words


def status_text(status: Mapping[str, Any]) -> str:
    """A few lines: what plays and where, the books, each target."""
    decks = status["decks"]
    lines = list(_in_force(status))
    for name, deck in decks.items():
        lines += _deck_lines(deck, of=f"deck {name}{_on_air(status, name)}: " if len(decks) > 1 else "")
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in status["verdicts"].items())
    lateness = status["lateness_ms"]
    lines.append(
        f"{status['due']} cues due: {verdicts or 'none yet'}; lateness p50 {lateness['p50']:.2f} ms, "
        f"p99 {lateness['p99']:.2f} ms, max {lateness['max']:.2f} ms",
    )
    realtime = status["conductor"]["realtime"]
    rearm = status["conductor"]["rearm_ms"]
    rearmed = f"; a seek takes effect in {rearm['p50']:.2f} ms, {rearm['max']:.2f} ms at most" if rearm["max"] else ""
    lines.append(f"conductor {status['conductor']['process']}: real-time priority: {realtime}{rearmed}")
    for name, target in status["targets"].items():
        detail = f" ({target['detail']})" if target["detail"] else ""
        lead_ms = target["lead_ms"]
        lead = f", told {abs(lead_ms):g} ms {'early' if lead_ms > 0 else 'late'}" if lead_ms else ""
        known = receiver_in_words(target["state"])
        lines.append(f"target {name}: {known}{lead}; {target['sent']} sent, {target['failed']} failed{detail}")
    return "\n".join(lines)


def _in_force(status: Mapping[str, Any]) -> Iterator[str]:
    """What keeps cues from going out, or edits from being in force: first, since it is easily forgotten."""
    if stand_in := status.get("stand_in"):
        yield f"NOT AS THE FILES SAY: {stand_in['message']}"
    if status["panic"]:
        yield "PANIC: every target is in its safe state, and nothing goes out; over with: beatsync panic --off"
    if status["locked"]:
        yield "locked: loading, leads and reloading are refused; over with: beatsync unlock"
    if status["muted"]:
        yield f"muted, and sent nothing: {', '.join(status['muted'])}"
    if status["soloed"]:
        yield f"soloed, and nothing sent to others: {', '.join(status['soloed'])}"


def _on_air(status: Mapping[str, Any], name: str) -> str:
    """A hand-over is commanded before it is done: until then the deck is not heard yet."""
    if status["decks"][name]["on_air"]:
        return " (on air)"
    return " (takes over)" if status["on_air"] == name else ""


def _deck_lines(deck: Mapping[str, Any], *, of: str) -> Iterator[str]:
    """What a deck plays and where, what leads it, and what is amiss. `of`: what its first line begins with."""
    position, duration = deck["position"], deck["duration"]
    place = "" if position is None else f" at {clock_face(ns_from_seconds(position))}"
    whole = "" if duration is None else f" of {clock_face(ns_from_seconds(duration))}"
    music = ", ".join(part for part in (deck["section"], deck["bar"] and f"bar {deck['bar']}") if part)
    track = f", {deck['track']}" if deck["track"] else ""
    rate = f" at {deck['rate']:g} of its speed" if deck["rate"] not in {0, 1} else ""
    yield f"{of}{deck['playback']}{rate}{place}{whole}{track}{f' ({music})' if music else ''}"
    if deck["setlist"] > 1:
        number = "-" if deck["place"] is None else deck["place"] + 1
        yield f"  track {number} of {deck['setlist']}; next: {deck['following'] or 'none'}"
    yield from _feed_lines(deck) if deck["feeds"] else (f"  led by {deck['clock']}: {followed(deck['quality'])}",)
    if deck["unknown_track"]:
        yield f"  its player plays {deck['unknown_track']}, which is not known: nothing fires"
    if deck["stopped"]:
        yield "  stopped by command: say play to follow its player again"
    if not deck["cue_ahead"] and deck["playback"] in {"playing", "countdown"}:
        yield "  no cue lies ahead"


def _feed_lines(deck: Mapping[str, Any]) -> Iterator[str]:
    """The feed that leads first in detail, then those that would."""
    for feed in sorted(deck["feeds"], key=lambda feed: not feed["leads"]):
        what = "led by" if feed["leads"] else "or by"
        source = "" if feed["state"] == "connected" else f"; {connection(feed)}"
        yield f"  {what} {feed['name']}: {followed(feed['quality'])}; {heard(feed['quality'])}{source}"
        if text := last_break(feed["quality"]) if feed["leads"] else "":
            yield f"    last break {text}"
        if text := not_taken(feed):
            yield f"    not taken: {text}"
