"""A track's cues laid out for people to look at before the show."""
