"""A preview writes nothing, locks nothing and waits for nobody: PostgreSQL itself refuses it."""

from threading import Thread

import pytest
from django.db import InternalError, connection, connections, transaction

from launch.previewing.dry_run import dry_run
from scheduling.models import Appointment
from scheduling.previewing.overlay import Overlay
from scheduling.previewing.snapshot import snapshot
from tests.launch.conftest import BACK
from tests.support.desk import NOW
from tests.support.previews import question, rows_and_versions

EVERYTHING = (
    "scheduling_appointment", "scheduling_patient", "scheduling_mappedevent", "scheduling_resourceday",
    "scheduling_vacancy", "recovery_queueitem", "exceptions_integrationexception", "exceptions_membership",
)  # fmt: skip


def test_every_row_of_every_table_is_as_it_was(draft):
    asked = question(draft, BACK)
    before = rows_and_versions()

    run = dry_run(asked, now=NOW)

    assert rows_and_versions() == before
    assert (run.total("released"), run.total("opened"), run.total("cleared")) == (2, 2, 2)


def test_rows_that_somebody_else_holds_are_read_without_waiting(draft):
    asked = question(draft, BACK)
    found = []

    def preview():
        found.append(dry_run(asked, now=NOW).total("released"))
        connections.close_all()

    with transaction.atomic(), connection.cursor() as cursor:
        for table in EVERYTHING:
            cursor.execute(f"SELECT FROM {table} FOR UPDATE")
        cursor.execute("UPDATE scheduling_appointment SET status = 'missed'")
        thread = Thread(target=preview)
        thread.start()
        thread.join(timeout=20)
        assert found == [2]
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scheduling_patient SET family = ''",
        "DELETE FROM scheduling_mappedevent",
        "SELECT id FROM scheduling_patient FOR UPDATE",
        "INSERT INTO scheduling_resourceday (id, source_id, resource, \"on\") VALUES (1, 1, '', '2026-01-01')",
    ],
    ids=["update", "delete", "lock", "insert"],
)
def test_snapshot_refuses_every_write_and_every_lock(held, statement):
    with pytest.raises(InternalError, match="read-only transaction"), snapshot(Overlay().create) as cursor:
        cursor.execute(statement)


def test_nothing_of_a_preview_is_left_behind(draft):
    dry_run(question(draft, BACK), now=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'scheduling%'")
        assert cursor.fetchone() == (0,)
    assert Appointment.objects.count() == 2
