"""Edits of a running show: files that are watched, read aside, compared, and put into force between two cues."""
