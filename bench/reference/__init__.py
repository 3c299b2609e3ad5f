"""What beatsync is measured beside: programs that do as little as possible, and programs that people use instead."""
