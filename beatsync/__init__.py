"""beatsync: OSC cues at the right instant of recorded music."""

__version__ = "0.1.0"
