"""Real players, started and driven by tests and measurements: mpv and MPD, without a sound card."""
