"""Where the position of playback comes from."""
