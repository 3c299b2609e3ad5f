"""Configurations: from YAML text to typed values."""
