"""MIDI time code, and MIDI clock with song position."""
