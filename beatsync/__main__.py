"""`python -m beatsync`."""

from beatsync.cli import main

main()
