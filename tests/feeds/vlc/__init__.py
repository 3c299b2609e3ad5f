"""VLC's web interface: constructed answers, a server that misbehaves, and VLC itself."""
