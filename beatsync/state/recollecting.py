"""What of a kept show is gone on with now: which tracks, along which lines, with which settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from beatsync.config.configuration import Configuration, DeckChoice, FollowFeeds, TrackChoice, tracks_of
from beatsync.core.transport import Rate, Transport
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, seconds_from_ns
from beatsync.decks.desk import Settings
from beatsync.decks.material import name_of
from beatsync.decks.placing import Standing
from beatsync.state.kept import Instant, Kept, KeptDeck, clock_mark

UNCERTAIN: Final = DurationNs(NS_PER_SECOND)
"""So long after its last word a daemon may have lived, and its conductor have sent cues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckMemory:
    """One deck. `transport`: the line that it followed, on the clock of now; None where nothing played, or where a
    player leads it. `as_it_was`: it is led by what led it then; else it begins as the configuration says.
    """

    standing: Standing
    transport: Transport | None
    rate: Rate
    stopped: bool
    as_it_was: bool
    pass_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMemory:
    """A show that is gone on with. `since`: until when it is known that somebody looked after it; `until`: until when
    somebody may have. `away`: how long that has been; `rebooted`: the machine has been started anew meanwhile.
    """

    on_air: str
    settings: Settings
    decks: Mapping[str, DeckMemory]
    since: HostNs
    until: HostNs
    away: DurationNs
    rebooted: bool


@dataclass(frozen=True, slots=True)
class Nothing:
    """The show begins as its configuration says. `reason`: why, where people should know."""

    reason: str = ""


Recollection: TypeAlias = ShowMemory | Nothing


def recollect(kept: Kept | None, now: Instant, configuration: Configuration) -> Recollection:
    """What is gone on with of what was kept."""
    within = configuration.resume_within
    if kept is None or kept.over or not within:
        return Nothing()
    away = away_for(kept.alive, now)
    if away < 0:
        ago = f"{seconds_from_ns(-away):.0f} s"
        return Nothing(
            f"the show was last seen {ago} from now: the clock of this machine is wrong, or was; it begins anew"
        )
    if away > within:
        gone, limit = _duration(away), _duration(within)
        return Nothing(f"the show was last seen {gone} ago, longer than {limit} (resume.within): it begins anew")
    since = HostNs(now.host - away)
    on_air = kept.show.on_air
    return ShowMemory(
        on_air=on_air if on_air in configuration.decks else configuration.on_air.deck,
        settings=_settings_of(kept),
        decks={
            name: _deck_memory(kept.show.decks[name], choice, DurationNs(since - kept.alive.host))
            for name, choice in configuration.decks.items()
            if name in kept.show.decks
        },
        since=since,
        until=HostNs(since + UNCERTAIN),
        away=away,
        rebooted=kept.alive.boot != now.boot,
    )


def was_played(kept: Kept, configuration: Configuration) -> bool:
    """Whether a deck was under way when the show was last looked at: playing, paused, or ready to follow a player."""
    return any(
        deck.transport is not None or (isinstance(configuration.decks[name].clock, FollowFeeds) and not deck.stopped)
        for name, deck in kept.show.decks.items()
        if name in configuration.decks
    )


def away_for(then: Instant, now: Instant) -> DurationNs:
    """How long it has been: by the monotonic clock, which nobody sets, unless the machine has been started anew."""
    same_boot = then.boot == now.boot and bool(now.boot)
    return DurationNs(now.host - then.host if same_boot else now.wall - then.wall)


def _settings_of(kept: Kept) -> Settings:
    settings = kept.show.settings
    return Settings(
        leads=dict(settings.leads),
        muted=frozenset(settings.muted),
        soloed=frozenset(settings.soloed),
        panicked=settings.panicked,
        locked=settings.locked,
    )


def _deck_memory(kept: KeptDeck, choice: DeckChoice, shift: DurationNs) -> DeckMemory:
    """`shift`: from the clock of then to that of now."""
    standing, is_the_same = _standing_of(kept, choice)
    as_it_was = kept.clock == clock_mark(choice.clock)
    line = kept.transport if is_the_same and as_it_was else None
    return DeckMemory(
        standing=standing,
        transport=None if line is None else replace(line, host=HostNs(line.host + shift)),
        rate=Rate(kept.rate),
        stopped=kept.stopped and as_it_was,
        as_it_was=as_it_was,
        pass_number=kept.pass_number,
    )


def _standing_of(kept: KeptDeck, choice: DeckChoice) -> tuple[Standing, bool]:
    """Where the deck stands among its tracks now, and whether that is the track that it had."""
    choices = tracks_of(choice)
    if kept.track is None:
        return Standing(choices[0], 0) if choices else Standing(None), False
    by_hand = kept.track.choice
    place = _nearest(name_of(by_hand), choices, kept.gap if kept.place is None else kept.place)
    if place is not None:
        return Standing(choices[place], place), True
    if kept.place is None or not choices:
        return Standing(by_hand, None, min(kept.gap, len(choices))), True
    place = min(kept.place, len(choices) - 1)
    return Standing(choices[place], place), False


def _nearest(name: str, choices: Sequence[TrackChoice], place: int) -> int | None:
    same = [other for other, choice in enumerate(choices) if name_of(choice) == name]
    return min(same, key=lambda other: abs(other - place), default=None)


def _duration(duration: DurationNs) -> str:
    seconds = seconds_from_ns(duration)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
