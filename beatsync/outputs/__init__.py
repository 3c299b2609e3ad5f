"""Sockets: packets out, and what is known of who receives them."""
