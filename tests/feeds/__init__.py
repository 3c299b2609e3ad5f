"""Where positions come from."""
