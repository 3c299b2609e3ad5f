"""Linear timecode: timecode as sound, from an audio input or a file."""
