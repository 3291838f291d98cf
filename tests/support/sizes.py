"""Sizes of the long tests: small in `make test`, those the issue states in `make soak`."""

import os

import pytest
from hypothesis import settings

# A long test runs in both: small without a mark, and at full size where `-m soak` picks it.
SIZES = [
    pytest.param(False, id="reduced"),
    pytest.param(True, id="full", marks=[pytest.mark.soak, pytest.mark.timeout(7200)]),
]

# Examples of a property that asks the database many things about each: a quarter of what the soak draws, or all of it.
HEAVY = max(25, settings.get_profile(settings.get_current_profile_name()).max_examples // 2)


def share(full: int) -> int:
    """The full size, or the part of it that SOAK_SHARE (0 to 1) asks for."""
    return max(1, int(full * float(os.environ.get("SOAK_SHARE", "1"))))
