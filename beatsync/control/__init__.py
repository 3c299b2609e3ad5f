"""What other programs and the command line use to steer the running daemon."""
