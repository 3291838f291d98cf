"""Raise exceptions about the desk itself, by the way that batches and surveys take."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from exceptions.checks.own import Own
from exceptions.own import group_own
from exceptions.services.judge_batch import write_groups
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import server_cursor


@transaction.atomic
def raise_own(found: Sequence[Own], now: datetime) -> None:
    """Write what was found in a transaction of its own: it locks fingerprints, so it must hold no other rows.

    Rules do not route it, since it may be about a rule.
    """
    with server_cursor() as cursor:
        write_groups(cursor, group_own(found), BatchChanges(now), is_ruled=False)
