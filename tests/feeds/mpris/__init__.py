"""Players that speak MPRIS, over a real bus."""
