"""Feeds as a configuration writes them."""
