"""Players that speak MPRIS, over D-Bus. What needs jeepney is in `wire` and `bus`, imported when the feed listens."""
