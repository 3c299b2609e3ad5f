"""Timecode over Art-Net."""
