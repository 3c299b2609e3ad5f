"""The shapes of feeds."""
