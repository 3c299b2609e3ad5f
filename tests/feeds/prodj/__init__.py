"""Pro DJ Link."""
