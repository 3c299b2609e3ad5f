"""Asset ids: what counts as one, how messages name one, and whether a document is of the one asked for.

Never looks into a document beyond its asset id.
"""

from __future__ import annotations

import re
from typing import Final

from beatsync.core.document import ParsedTrack
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


def check_identity(parsed: ParsedTrack, asset_id: str, *, force: bool) -> None:
    """Raises TrackError where the document is of another asset than the one asked for, unless `force`."""
    got = parsed.track.asset_id
    if got != asset_id and not force:
        shown = repr(got[:_SHOWN_CHARACTERS])
        raise TrackError(
            f"{source_name(asset_id)}: the document says that it is of asset {shown}, expected {asset_id!r}; "
            f"correct the asset id, or use force to take it all the same",
        )
