"""The OSC control port."""
