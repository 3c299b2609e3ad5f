"""libltc's decoder, through ctypes (Debian's libltc11). The layouts are those of its ltc.h 1.3; nothing else is used.

libltc looks at 8 bits of a sample, whatever it is given; so that is what it is given.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Final, Self

from beatsync.core.timecode import FrameRate
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.ltc.frames import LtcFrame

LIBRARY: Final = "libltc.so.11"
MISSING: Final = "LTC needs libltc, which is not installed; apt-get install libltc11"

_BITS_BYTES: Final = 10
_MOST_SAMPLES: Final = 4096
"""At once: fewer than make as many frames as the queue holds, even of noise."""
_QUEUE_FRAMES: Final = 64


class _FrameExt(ctypes.Structure):
    """LTCFrameExt. The bits are a struct of bit fields of `unsigned int`, hence three of those."""

    _fields_ = (
        ("bits", ctypes.c_uint32 * 3),
        ("start", ctypes.c_longlong),
        ("end", ctypes.c_longlong),
        ("reverse", ctypes.c_int),
        ("tics", ctypes.c_float * 80),
        ("lowest", ctypes.c_ubyte),
        ("highest", ctypes.c_ubyte),
        ("volume", ctypes.c_double),
    )


def load_library() -> ctypes.CDLL:
    """libltc, with the types of what is called. Raises FeedTrouble where it is not installed."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        raise FeedTrouble(MISSING) from None
    library.ltc_decoder_create.restype = ctypes.c_void_p
    library.ltc_decoder_create.argtypes = (ctypes.c_int, ctypes.c_int)
    library.ltc_decoder_free.argtypes = (ctypes.c_void_p,)
    library.ltc_decoder_write.restype = None
    library.ltc_decoder_write.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_longlong)
    library.ltc_decoder_read.argtypes = (ctypes.c_void_p, ctypes.POINTER(_FrameExt))
    return library


class LtcDecoder:
    """One decoder. Use as a context, in one task."""

    def __init__(self, fps: FrameRate, samples_a_second: int) -> None:
        """Raises FeedTrouble where libltc is not installed."""
        self._library = load_library()
        length = samples_a_second * fps.seconds // fps.frames
        self._decoder = self._library.ltc_decoder_create(length, _QUEUE_FRAMES)
        if not self._decoder:
            raise FeedTrouble("libltc found no memory for a decoder")
        self._samples = 0

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the decoder go."""
        self._library.ltc_decoder_free(self._decoder)
        self._decoder = None

    @property
    def samples(self) -> int:
        """How many have been decoded, or skipped."""
        return self._samples

    def skip(self, samples: int) -> None:
        """So many were lost: the next ones stand behind them."""
        self._samples += samples

    def decode(self, samples: bytes) -> Iterator[LtcFrame]:
        """The frames that end in `samples`: 8 bits each, unsigned, one channel. They go on from those before."""
        for start in range(0, len(samples), _MOST_SAMPLES):
            part = samples[start : start + _MOST_SAMPLES]
            self._library.ltc_decoder_write(self._decoder, part, len(part), self._samples)
            self._samples += len(part)
            found = _FrameExt()
            while self._library.ltc_decoder_read(self._decoder, ctypes.byref(found)) == 1:
                yield LtcFrame(bytes(found.bits)[:_BITS_BYTES], found.end + 1, bool(found.reverse))
