"""Tests of the plan: every cue in every format, and nothing that a label could break."""
