"""Linear timecode."""
