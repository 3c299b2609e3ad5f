"""The log, and what people see while cues fire."""
