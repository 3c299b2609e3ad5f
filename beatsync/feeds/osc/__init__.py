"""Positions that arrive as OSC messages over UDP."""
