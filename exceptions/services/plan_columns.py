"""Frozen plans as columns of the statements of a batch."""

import json
from collections.abc import Sequence
from typing import Any

from exceptions.services.route_exceptions import Given


def plan_values(given: Sequence[Given | None]) -> dict[str, list[Any]]:
    """Plans and their first steps as columns; one text for all that have the same policy."""
    policies = {one.policy["policy"]: one.policy for one in given if one is not None and one.policy}
    texts = {pk: json.dumps(policy) for pk, policy in policies.items()}
    return {
        "policy": [texts[one.policy["policy"]] if one is not None and one.policy else None for one in given],
        "next_step": [one.next_step_at if one is not None else None for one in given],
    }
