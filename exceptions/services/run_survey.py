"""Run one survey: its checks' live findings become what it finds now, in one transaction.

Everything goes the way of a batch (``write_groups``), so spells, history and counts are one thing. Running it again at
the same moment changes nothing. The check ids of a survey are written by it alone, behind an advisory lock.
"""

from datetime import datetime

import structlog
from django.db import transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from exceptions.checks.freshness import find_about_survey
from exceptions.gathering import Group
from exceptions.services.judge_batch import write_groups
from exceptions.services.survey_members import difference, group_found, read_live
from exceptions.surveys.looking import Looked, Survey
from exceptions.surveys.registry import FAILED, LIMITED, SURVEYS
from scheduling.folding.change import BatchChanges
from scheduling.models import Feed
from scheduling.sql.cursors import Cursor, server_cursor

log = structlog.get_logger(__name__)

# First of the two keys of our advisory locks; the second is a digest of the survey's name.
_LOCK_CLASS = 7_403
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"
_ANOTHER_TIME = (DeadlockDetected, SerializationFailure, LockNotAvailable)


def run_survey(name: str, *, now: datetime) -> bool:
    """Bring the findings of a survey up to ``now``; False where another process is at it.

    A survey that raises leaves its findings as they were and becomes an exception itself, which the next good run
    clears. What only lost a race for a lock is raised: the next tick is the second try.
    """
    survey = SURVEYS[name]
    try:
        with transaction.atomic(), server_cursor() as cursor:
            if not _is_ours(cursor, survey):
                return False
            looked = survey.look(cursor, now)
            _write(cursor, survey, looked, now)
    except Exception as error:
        if isinstance(error.__cause__, _ANOTHER_TIME):
            raise
        log.exception("survey failed", survey=name)
        _tell(survey, now)
    return True


def _is_ours(cursor: Cursor, survey: Survey) -> bool:
    cursor.execute(_TRY_LOCK, (_LOCK_CLASS, survey.name))
    row = cursor.fetchone()
    return bool(row and row[0])


def _write(cursor: Cursor, survey: Survey, looked: Looked, now: datetime) -> None:
    live = read_live(cursor, survey.check_ids)
    changed = difference(live, group_found(looked.found), is_cut=looked.is_cut)
    changed |= _about_survey(cursor, FAILED, survey, now, is_so=False)
    changed |= _about_survey(cursor, LIMITED, survey, now, is_so=looked.is_cut)
    write_groups(cursor, dict(sorted(changed.items())), BatchChanges(now))


def _about_survey(cursor: Cursor, check: str, survey: Survey, now: datetime, *, is_so: bool) -> dict[bytes, Group]:
    """What changes in a finding about the survey itself, which concerns every feed that is in use."""
    feeds = Feed.objects.filter(is_active=True).order_by("id").values_list("id", "source_id") if is_so else ()
    found = group_found(find_about_survey(check, survey.name, feeds, now))
    return difference(read_live(cursor, [check], raw=survey.name), found, is_cut=False)


def _tell(survey: Survey, now: datetime) -> None:
    """Say that a survey failed, in a transaction of its own."""
    with transaction.atomic(), server_cursor() as cursor:
        if _is_ours(cursor, survey):
            write_groups(cursor, _about_survey(cursor, FAILED, survey, now, is_so=True), BatchChanges(now))
