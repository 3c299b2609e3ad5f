"""Samples out of bytes: WAV headers of every kind, and one channel of many."""

from __future__ import annotations

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.config.feeds.ltc import RawPcm
from beatsync.feeds.ltc.pcm import MOST_HEADER_BYTES, PcmError, channel_of, frame_bytes, parse_wav
from tests.feeds.ltc.tape import raw, wav

SAMPLES = bytes(range(256))
FORMATS = st.builds(RawPcm, st.integers(8_000, 192_000), st.integers(1, 8), st.sampled_from([8, 16, 24, 32]))


@given(FORMATS)
def test_a_header_says_what_it_was_written_with(pcm: RawPcm) -> None:
    data = wav(SAMPLES, rate=pcm.rate, bits=pcm.bits, channels=pcm.channels)
    header = parse_wav(data)
    assert header is not None
    assert header.pcm == pcm
    assert channel_of(data[header.length :], pcm, 1) == SAMPLES


@given(FORMATS, st.data())
def test_each_channel_is_found(pcm: RawPcm, data: st.DataObject) -> None:
    channel = data.draw(st.integers(1, pcm.channels))
    written = raw(SAMPLES, bits=pcm.bits, channels=pcm.channels, channel=channel)
    assert len(written) == len(SAMPLES) * frame_bytes(pcm)
    assert channel_of(written, pcm, channel) == SAMPLES


def test_pythons_own_files_are_read() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(44_100)
        writer.writeframes(raw(SAMPLES, channels=2))
    header = parse_wav(file.getvalue())
    assert header is not None
    assert header.pcm == RawPcm(44_100, 2, 16)
    assert channel_of(file.getvalue()[header.length :], header.pcm, 1) == SAMPLES


@given(st.integers(0, 200))
def test_a_header_that_goes_on_is_waited_for(length: int) -> None:
    whole = wav(SAMPLES)
    header = parse_wav(whole)
    assert header is not None
    assert (parse_wav(whole[:length]) is None) == (length < header.length)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"OggS" + bytes(20), "is no WAV file; convert it with sox"),
        (b"RIFF\0\0\0\0AVI " + bytes(20), "is no WAV file"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "has samples before it says what they are"),
        (b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0\1\0", "has a damaged header"),
        (wav(SAMPLES).replace(b"\x10\0\0\0\1\0", b"\x10\0\0\0\3\0", 1), "no whole numbers; convert it: sox"),
        (wav(SAMPLES, rate=4_000), "has 1 channels at 4000 samples a second"),
        (b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff", "has no samples in its first 64 KiB"),
        (b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * (MOST_HEADER_BYTES // 8), "has no samples in its first 64 KiB"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_remedy(data: bytes, complaint: str) -> None:
    with pytest.raises(PcmError, match=complaint):
        parse_wav(data)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"RIFF\0\0\0\0WAVE" + rest))
def test_any_bytes_are_a_header_or_more_is_needed_or_refused(data: bytes) -> None:
    """F7"""
    try:
        header = parse_wav(data)
    except PcmError:
        return
    assert header is None or header.length <= len(data)
