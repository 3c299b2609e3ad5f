"""YAML text to typed values, with every problem at once, each with its place."""
