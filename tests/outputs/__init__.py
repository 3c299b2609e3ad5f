"""Outputs: real sockets on loopback, and in network namespaces."""
