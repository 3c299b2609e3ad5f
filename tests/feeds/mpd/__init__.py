"""MPD as a feed."""
