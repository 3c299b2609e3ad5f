"""The reference clients, run for real."""
