"""Edits of a running show."""
