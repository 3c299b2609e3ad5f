"""Property tests are the same on every run here; `make fuzz` looks further, with new examples each time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=QUIET)
settings.register_profile("fuzz", max_examples=3_000, deadline=None, print_blob=True, suppress_health_check=QUIET)
settings.load_profile("steady")
