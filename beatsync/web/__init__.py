"""What every HTTP listener of beatsync has in common: who is let in, how many are served, how much is read of them."""
