"""VLC's web interface as a feed."""
