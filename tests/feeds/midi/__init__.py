"""MIDI time code and MIDI clock."""
