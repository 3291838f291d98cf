"""Look again at what is still open when a maintenance window is over: its next step is due at once."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Coalesce

from exceptions.models import MaintenanceWindow
from exceptions.vocabulary import Verb

# Set by set: a window may cover all of a source. Rows that somebody holds at this moment are skipped: their step waits
# for the end of the window by itself.
_RECHECK = """
with still as (
    select id, state, version from exceptions_integrationexception
    where source_id = %(source)s and state in ('open', 'reopened', 'cleared_unseen') and next_step_at is not null
        and waived_until is null and (%(feed)s::bigint is null or feed_id = %(feed)s)
        and (%(clinic)s::bigint is null or clinic_id = %(clinic)s)
    order by fingerprint for update skip locked
), due as (
    update exceptions_integrationexception kept set next_step_at = %(now)s from still where kept.id = still.id
)
insert into exceptions_history (exception_id, at, verb, from_state, to_state, version, reason, detail)
select id, %(now)s, %(verb)s, state, state, version, %(name)s, '{}' from still order by id
"""


def recheck_maintenance(now: datetime) -> int:
    """Recheck the windows that are over, each once; return how many exceptions are looked at again."""
    over = MaintenanceWindow.objects.annotate(over_at=Coalesce("ended_at", "ends_at"))
    ids = over.filter(rechecked_at=None, over_at__lte=now).order_by("over_at", "id").values_list("id", flat=True)
    return sum(_recheck(pk, now) for pk in ids)


@transaction.atomic
def _recheck(pk: int, now: datetime) -> int:
    """One window, once: whoever marks it first looks."""
    if not MaintenanceWindow.objects.filter(pk=pk, rechecked_at=None).update(rechecked_at=now):
        return 0
    window = MaintenanceWindow.objects.get(pk=pk)
    with connection.cursor() as cursor:
        cursor.execute(
            _RECHECK,
            {
                "now": now,
                "source": window.source_id,
                "feed": window.feed_id,
                "clinic": window.clinic_id,
                "verb": Verb.RECHECKED.value,
                "name": window.name,
            },
        )
        return int(cursor.rowcount)
