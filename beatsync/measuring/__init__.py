"""A machine's own figures: cues really sent by a real conductor, and when each of them left."""
