"""The pure core: music, rules, schedule, transport and engine as values. No I/O, no clock, no logging, no randomness."""
