"""Tapes with linear timecode, recorded by libltc's own encoder; cut, damaged and played backwards."""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass, field
from random import Random  # noqa: TID251  seeded damage
from typing import Any

from beatsync.core.timecode import DROP_FRAME, EBU, FrameRate, Timecode, frame_number, timecode_of
from tests.needs import needs_library

RATE = 48_000
SILENCE = 0x80

_EBU_STANDARD, _OTHER_STANDARD = 1, 0


class _SmpteTimecode(ctypes.Structure):
    _fields_ = (
        ("timezone", ctypes.c_char * 6),
        *((name, ctypes.c_ubyte) for name in ("years", "months", "days", "hours", "minutes", "seconds", "frame")),
    )


@dataclass
class Tape:
    """`samples`: 8 bits, unsigned. `ends`: where each frame of `times` ends, as the sample after its last one."""

    samples: bytes = b""
    times: list[Timecode] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def __add__(self, other: Tape) -> Tape:
        """One after the other."""
        shifted = [len(self.samples) + end for end in other.ends]
        return Tape(self.samples + other.samples, self.times + other.times, self.ends + shifted)


def silence(seconds: float) -> Tape:
    """Nothing."""
    return Tape(bytes([SILENCE]) * round(seconds * RATE))


def recorded(
    start: Timecode, rate: FrameRate, *, frames: int, speed: float = 1.0, reverse: bool = False, user_bits: int = 0
) -> Tape:
    """A tape that runs at `speed` from `start`; in reverse `start` is what is heard first."""
    library = _encoder_library()
    standard = _EBU_STANDARD if rate == EBU else _OTHER_STANDARD
    encoder = library.ltc_encoder_create(RATE, rate.frames / rate.seconds, standard, 0)
    library.ltc_encoder_set_buffersize(encoder, RATE, rate.frames / rate.seconds / 8)
    _set_drop_flag(library, encoder, rate)
    library.ltc_encoder_set_user_bits(encoder, user_bits)
    tape = Tape()
    first = frame_number(start, rate)
    samples = bytearray()
    for index in range(frames):
        time = timecode_of(first - index if reverse else first + index, rate)
        written = _SmpteTimecode(b"+0000", 0, 0, 0, time.hours, time.minutes, time.seconds, time.frame)
        library.ltc_encoder_set_timecode(encoder, ctypes.byref(written))
        for byte in range(9, -1, -1) if reverse else range(10):
            assert library.ltc_encoder_encode_byte(encoder, byte, (-1 if reverse else 1) / speed) == 0
        samples += _encoded(library, encoder)
        tape.times.append(time)
        tape.ends.append(len(samples))
    library.ltc_encoder_free(encoder)
    tape.samples = bytes(samples)
    return tape


def _encoded(library: Any, encoder: int) -> bytes:
    buffer = ctypes.POINTER(ctypes.c_ubyte)()
    size = library.ltc_encoder_get_bufferptr(encoder, ctypes.byref(buffer), 1)
    return bytes(buffer[:size])


def _set_drop_flag(library: Any, encoder: int, rate: FrameRate) -> None:
    """The encoder takes every 29.97 for drop-frame."""
    bits = (ctypes.c_uint32 * 3)()
    library.ltc_encoder_get_frame(encoder, bits)
    bits[0] = bits[0] & ~(1 << 10) | (1 << 10 if rate == DROP_FRAME else 0)
    library.ltc_encoder_set_frame(encoder, bits)


def _encoder_library() -> Any:
    library: Any = needs_library("libltc11", "libltc.so.11")
    pointer, number, real = ctypes.c_void_p, ctypes.c_int, ctypes.c_double
    library.ltc_encoder_create.restype = pointer
    library.ltc_encoder_create.argtypes = (real, real, number, number)
    library.ltc_encoder_set_buffersize.argtypes = (pointer, real, real)
    library.ltc_encoder_set_user_bits.argtypes = (pointer, ctypes.c_ulong)
    library.ltc_encoder_set_timecode.argtypes = (pointer, pointer)
    library.ltc_encoder_encode_byte.argtypes = (pointer, number, real)
    library.ltc_encoder_get_bufferptr.argtypes = (pointer, pointer, number)
    for call in (library.ltc_encoder_get_frame, library.ltc_encoder_set_frame):
        call.argtypes = (pointer, pointer)
    library.ltc_encoder_free.argtypes = (pointer,)
    return library


def with_noise(tape: Tape, *, deviation: float, seed: int) -> Tape:
    """White noise on top; the tape's own level is 90 of 128."""
    random = Random(seed)
    noise = [round(random.gauss(0, deviation)) for _ in range(16_381)]
    noisy = bytes(min(255, max(0, sample + noise[index % len(noise)])) for index, sample in enumerate(tape.samples))
    return Tape(noisy, tape.times, tape.ends)


def with_drop_outs(tape: Tape, *, count: int, longest: float, seed: int) -> Tape:
    """Silence in places, of up to `longest` seconds."""
    random = Random(seed)
    samples = bytearray(tape.samples)
    for _ in range(count):
        length = random.randrange(10, round(longest * RATE))
        start = random.randrange(len(samples) - length)
        samples[start : start + length] = bytes([SILENCE]) * length
    return Tape(bytes(samples), tape.times, tape.ends)


def wav(samples: bytes, *, rate: int = RATE, bits: int = 8, channels: int = 1, channel: int = 1) -> bytes:
    """A WAV file with `samples` on one of its channels."""
    data = raw(samples, bits=bits, channels=channels, channel=channel)
    width = bits // 8 * channels
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * width, width, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"junk\x03\0\0\0abc\0" + b"data"
    return b"RIFF" + struct.pack("<I", len(body) + 4 + len(data)) + body + struct.pack("<I", len(data)) + data


def raw(samples: bytes, *, bits: int = 16, channels: int = 1, channel: int = 1) -> bytes:
    """The same without the header; the other channels are silent."""
    width = bits // 8
    data = bytearray((bytes([SILENCE]) if bits == 8 else bytes(width)) * (len(samples) * channels))
    highest = samples if bits == 8 else bytes(sample ^ 0x80 for sample in samples)
    data[(channel - 1) * width + width - 1 :: width * channels] = highest
    return bytes(data)
