"""Decks as people operate them: what each plays, what leads it, who of them is on air."""
