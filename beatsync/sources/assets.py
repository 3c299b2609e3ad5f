"""Asset ids: what counts as one, how messages name one, and whether a document is of the one asked for.

Never looks into a document beyond its asset id.
"""

from __future__ import annotations

import re
from typing import Final

from beatsync.core.document import ParsedTrack, check_expected
from beatsync.core.limits import MAX_ASSET_ID_DIGITS
from beatsync.errors import TrackError, UsageError

_ASSET_ID: Final = re.compile(rf"[0-9]{{1,{MAX_ASSET_ID_DIGITS}}}")
_SHOWN_CHARACTERS: Final = 40


def checked_asset_id(text: str) -> str:
    """`text` itself, once it is known to be 1 to 20 ASCII digits.

    Raises UsageError for anything else: the id reaches a file name and a request.
    """
    if _ASSET_ID.fullmatch(text):
        return text
    shown = repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…")
    raise UsageError(
        f"asset id {shown}: expected 1 to {MAX_ASSET_ID_DIGITS} digits, such as 1843209165; copy it from AudioScape",
    )


def source_name(asset_id: str) -> str:
    """What messages call the asset: `audioscape 1843209165`."""
    return f"audioscape {asset_id}"


def playlist_name(playlist_id: str) -> str:
    """What messages call a playlist: `audioscape playlist 77`."""
    return f"audioscape playlist {playlist_id}"


def check_identity(parsed: ParsedTrack, asset_id: str, *, force: bool) -> None:
    """Raises TrackError where the document says it is of another asset than the one asked for, unless `force`."""
    problem = check_expected(parsed.track, source=source_name(asset_id), asset_id=asset_id, duration=None)
    if problem and not force:
        raise TrackError(f"{problem} correct the asset id, or set track.force: true to take it all the same")
