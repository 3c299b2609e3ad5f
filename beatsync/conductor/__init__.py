"""Engine, alarm and outputs kept in step."""
