"""mpv, over its JSON socket."""
