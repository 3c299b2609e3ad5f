"""Bytes as they come to whole lines. Never holds more than one line of the allowed length."""

from __future__ import annotations


class Lines:
    """The lines of one stream. A line that is too long is thrown away as it comes, and counted."""

    def __init__(self, longest: int) -> None:
        """`longest`: bytes that a line may have, without its end."""
        self._longest = longest
        self._begun = b""
        self._skipping = False
        self.too_long = 0

    def split(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their ends."""
        *whole, rest = data.split(b"\n")
        lines = []
        for part in whole:
            line = self._begun + part
            self._begun = b""
            if self._skipping or len(line) > self._longest:
                self._skip(whole=True)
            else:
                lines.append(line)
        self._begin(rest)
        return lines

    def _begin(self, part: bytes) -> None:
        if self._skipping:
            return
        self._begun += part
        if len(self._begun) > self._longest:
            self._begun = b""
            self._skip(whole=False)

    def _skip(self, *, whole: bool) -> None:
        self.too_long += not self._skipping
        self._skipping = not whole
