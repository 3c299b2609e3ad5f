"""The pure core: music, rules, schedule, transport and engine as values. No I/O, clock, logging or randomness."""
