"""The daemon's end: a conductor in another process, started, found, used as if it were here, dismissed."""
