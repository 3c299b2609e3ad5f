"""Measurements, each a module with a `run()` that prints a table. Never part of the tests: machines are noisy."""
