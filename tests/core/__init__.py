"""Tests of the core: literal instants, no clock, no I/O."""
