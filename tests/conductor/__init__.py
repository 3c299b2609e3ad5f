"""The conductor, on virtual time."""
