"""Tests of where tracks come from, and the stand-in for AudioScape that other tests start as well."""
