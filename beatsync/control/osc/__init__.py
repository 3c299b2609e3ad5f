"""Commands as OSC messages, for desks and tablets."""
