"""MIDI inputs of this machine, through python-rtmidi. Its exceptions end here.

Without ALSA's sequencer rtmidi does not fall back to JACK by itself, so that every kind of MIDI that it was built with
is tried in turn.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from beatsync.feeds.feed import FeedTrouble

CLIENT_NAME: Final = "beatsync"
MISSING: Final = "MIDI needs python-rtmidi, which is not installed; pip install 'beatsync[midi]'"
NO_ALSA: Final = "MIDI needs ALSA's library, which is not installed; apt-get install libasound2"
NO_MIDI: Final = "this machine has no MIDI: neither ALSA's sequencer (modprobe snd-seq) nor JACK answers"

_SEQUENCER: Final = Path("/dev/snd/seq")

Hear: TypeAlias = Callable[[bytes], None]
"""Takes one whole message at a time, in a thread of MIDI's own."""


class MidiInput(Protocol):
    """An input that is open."""

    @property
    def name(self) -> str:
        """What the system calls it."""
        ...

    def is_there(self) -> bool:
        """Whether the port is still there; a virtual one always is."""
        ...

    def close(self) -> None:
        """Hear nothing more."""
        ...


class MidiSystem(Protocol):
    """What a machine has of MIDI. All of it may wait: call it in a thread."""

    def names(self) -> Sequence[str]:
        """The inputs that are there. Raises FeedTrouble."""
        ...

    def open(self, name: str, hear: Hear) -> MidiInput:
        """Open one of `names`. Raises FeedTrouble."""
        ...

    def create(self, name: str, hear: Hear) -> MidiInput:
        """Make an input of this name for others to connect to. Raises FeedTrouble."""
        ...


class RtMidi:
    """The machine's MIDI."""

    def __init__(self) -> None:
        """Raises FeedTrouble where python-rtmidi or every kind of MIDI is missing."""
        try:
            self._rtmidi: Any = importlib.import_module("rtmidi")
        except ModuleNotFoundError:
            raise FeedTrouble(MISSING) from None
        except ImportError:
            raise FeedTrouble(NO_ALSA) from None
        self._midi = self._client()

    def _client(self) -> Any:
        for api in self._rtmidi.get_compiled_api():
            if api == self._rtmidi.API_LINUX_ALSA and not _SEQUENCER.exists():
                continue  # ALSA's library would say so on standard error, each time
            try:
                return self._rtmidi.MidiIn(api, name=CLIENT_NAME)
            except self._rtmidi.RtMidiError:
                continue
        raise FeedTrouble(NO_MIDI)

    def names(self) -> Sequence[str]:
        """The inputs that are there. Raises FeedTrouble where the system does not say."""
        try:
            return tuple(self._midi.get_ports())
        except self._rtmidi.RtMidiError:
            raise FeedTrouble("the machine's MIDI does not say which inputs there are; is it still running?") from None

    def open(self, name: str, hear: Hear) -> MidiInput:
        """Open one of `names`. Raises FeedTrouble where it has gone meanwhile."""
        self._listen(hear)
        try:
            self._midi.open_port(self.names().index(name), name=CLIENT_NAME)
        except (self._rtmidi.RtMidiError, ValueError):
            self._midi.delete()
            raise FeedTrouble(f"cannot open the MIDI input {name!r}; is it still plugged in?") from None
        return _Open(self._midi, name, names=self.names)

    def create(self, name: str, hear: Hear) -> MidiInput:
        """Make an input of this name. Raises FeedTrouble."""
        self._listen(hear)
        try:
            self._midi.open_virtual_port(name)
        except self._rtmidi.RtMidiError:
            self._midi.delete()
            raise FeedTrouble(f"cannot make a virtual MIDI input {name!r}") from None
        return _Open(self._midi, name, names=None)

    def _listen(self, hear: Hear) -> None:
        # Time code and clock are what rtmidi leaves out unless it is told otherwise.
        self._midi.ignore_types(sysex=False, timing=False, active_sense=True)
        self._midi.set_callback(lambda event, _: hear(bytes(event[0])))


class _Open:
    """A port of rtmidi's. `names`: None for a virtual one."""

    def __init__(self, midi: Any, name: str, *, names: Callable[[], Sequence[str]] | None) -> None:
        self._midi = midi
        self._name = name
        self._names = names

    @property
    def name(self) -> str:
        return f"the virtual MIDI input {self._name}" if self._names is None else f"the MIDI input {self._name}"

    def is_there(self) -> bool:
        return self._names is None or self._name in self._names()

    def close(self) -> None:
        self._midi.cancel_callback()
        self._midi.close_port()
        self._midi.delete()
