"""Feeds, as a configuration writes them: a file for each kind, with its value and its shape."""
