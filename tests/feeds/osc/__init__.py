"""Positions over OSC."""
