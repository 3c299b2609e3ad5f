"""What people are told while a configuration stands in for the file that it came from, which is not good any more."""

from __future__ import annotations

from datetime import UTC, datetime

from beatsync.config.configuration import Configuration, StandIn
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.decks.news import News, Tell


def since_text(stand_in: StandIn) -> str:
    """When it came into force, for programs: civil time, to the second."""
    return datetime.fromtimestamp(stand_in.since // NS_PER_SECOND, UTC).isoformat()


def standing_in_text(configuration: Configuration, stand_in: StandIn) -> str:
    """One line."""
    local = datetime.fromtimestamp(stand_in.since // NS_PER_SECOND, UTC).astimezone()
    more = len(stand_in.problems) - 1
    others = f" (and {more} more)" if more else ""
    mended = "is mended" if configuration.reload.watch else "is mended, and read with: beatsync reload"
    return (
        f"the show's files cannot be used: {stand_in.problems[0]}{others}; the configuration of "
        f"{local:%Y-%m-%d %H:%M:%S} is in force until that {mended}"
    )


def tell_standing_in(configuration: Configuration, now: HostNs, tell: Tell) -> None:
    """Say it loudly, and every problem; nothing where the configuration is that of its file."""
    stand_in = configuration.stand_in
    if stand_in is None:
        return
    fields = {
        "file": str(configuration.path.absolute()),
        "since": since_text(stand_in),
        "problems": list(stand_in.problems),
    }
    tell(News(now, "stand_in", standing_in_text(configuration, stand_in), fields, grave=True))
    for problem in stand_in.problems[1:]:
        tell(News(now, "problem", problem, {"message": problem}, grave=True))
