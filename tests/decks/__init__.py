"""Decks, in virtual time."""
