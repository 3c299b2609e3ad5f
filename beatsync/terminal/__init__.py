"""What people see on a terminal and in the log while cues fire."""
