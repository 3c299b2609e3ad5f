"""The conductor's own process: what listens, keeps the journal and asks the system for punctuality."""
