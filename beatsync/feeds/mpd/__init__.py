"""MPD, the Music Player Daemon."""
