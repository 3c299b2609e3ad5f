"""mpv as a feed."""
