"""Traces: what a show heard and decided, line by line in a file, and the same played again in virtual time."""
