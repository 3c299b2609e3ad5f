"""A histogram of durations that needs no bounds beforehand: each bucket is at most 1/128 of its value wide.

As HdrHistogram counts them (hdrhistogram.org), whose Python library would bring setuptools and pbr along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_BITS: Final = 8
_HALF: Final = 1 << (_BITS - 1)


@dataclass(frozen=True, slots=True)
class Histogram:
    """A snapshot: `buckets` are counts by index, `max` is exact. Everything in nanoseconds."""

    buckets: Mapping[int, int] = field(default_factory=dict)
    count: int = 0
    max: int = 0

    def percentile(self, percent: float) -> int:
        """What `percent` of all are at most, to 1/128; 0 where there are none."""
        rank = max(1, -(-self.count * percent // 100))
        seen = 0
        for index, count in sorted(self.buckets.items()):
            seen += count
            if seen >= rank:
                return min(_largest_in(index), self.max)
        return self.max

    def since(self, before: Histogram) -> Histogram:
        """What has been counted since `before`, which this one has grown from; its `max` to 1/128."""
        buckets = {
            index: count - before.buckets.get(index, 0)
            for index, count in self.buckets.items()
            if count > before.buckets.get(index, 0)
        }
        largest = min(_largest_in(max(buckets)), self.max) if buckets else 0
        return Histogram(buckets, self.count - before.count, largest)

    def spread(self) -> Iterator[tuple[int, int, int]]:
        """(smallest, largest, count) of each bucket that has any, in order."""
        for index, count in sorted(self.buckets.items()):
            yield _largest_in(index - 1) + 1 if index else 0, _largest_in(index), count


class Recorder:
    """Counts durations."""

    def __init__(self, start: Histogram | None = None) -> None:
        """`start`: what has been counted before."""
        self._counts: Counter[int] = Counter(start.buckets if start else {})
        self._count = start.count if start else 0
        self._max = start.max if start else 0

    def add(self, duration: int) -> None:
        """Count one duration, in nanoseconds; below zero counts as zero."""
        value = max(duration, 0)
        shift = max(value.bit_length() - _BITS, 0)
        self._counts[shift * _HALF + (value >> shift)] += 1
        self._count += 1
        self._max = max(self._max, value)

    def snapshot(self) -> Histogram:
        """Everything counted so far."""
        return Histogram(dict(self._counts), self._count, self._max)


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them as one."""
    counts: Counter[int] = Counter()
    largest = 0
    for histogram in histograms:
        counts.update(histogram.buckets)
        largest = max(largest, histogram.max)
    return Histogram(dict(counts), counts.total(), largest)


def _largest_in(index: int) -> int:
    shift = max(index // _HALF - 1, 0)
    return ((index - shift * _HALF + 1) << shift) - 1
