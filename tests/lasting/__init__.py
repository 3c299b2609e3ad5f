"""A show that lasts: killed, rebooted, edited, and every cue accounted for."""
