"""PostgreSQL refuses to change, remove or empty the audit trail, whoever asks (I11)."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from tests.conftest import NOW

STATEMENTS = {
    "update": "UPDATE accounts_auditentry SET action = 'read'",
    "delete": "DELETE FROM accounts_auditentry",
    "truncate": "TRUNCATE accounts_auditentry",
    "truncate by cascade": "TRUNCATE accounts_clinic CASCADE",
}


@pytest.fixture
def entry(db):
    record(AuditAction.DENIED, actor=None, subject_kind="page", subjects=[], now=NOW)
    with connection.cursor() as cursor:
        # Waiting foreign key checks would refuse TRUNCATE before the guard could.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return AuditEntry.objects.get()


def run(statement, *settings):
    """Run a statement in a savepoint and return the sentence it was refused with, "" when it went through."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(setting)
            cursor.execute(statement)
            cursor.execute("RESET ROLE")
    except DatabaseError as error:
        return str(error).splitlines()[0]
    return ""


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_owner_is_refused(entry, name):
    refusal = run(STATEMENTS[name])

    assert refusal == f"The audit trail only grows: {name.split()[0].upper()} refused."
    assert AuditEntry.objects.get().action == AuditAction.DENIED


@pytest.mark.parametrize("name", ["update", "delete", "truncate"])
def test_the_app_is_refused_by_its_rights(entry, name):
    refusal = run(STATEMENTS[name], "SET LOCAL ROLE desk_app")

    assert refusal == "permission denied for table accounts_auditentry"


@pytest.mark.parametrize("name", ["update", "delete", "truncate"])
def test_the_app_is_refused_even_with_all_rights(entry, name):
    rights = "GRANT ALL ON accounts_auditentry TO desk_app"

    refusal = run(STATEMENTS[name], rights, "SET LOCAL ROLE desk_app")

    assert refusal == f"The audit trail only grows: {name.upper()} refused."


def test_the_app_may_add(entry):
    add = (
        "INSERT INTO accounts_auditentry (at, action, subject_kind, subjects, patients, detail, request_id) "
        "VALUES ('2026-11-24', 'read', 'page', '[]', '[]', '{}', '')"
    )
    rights = "GRANT INSERT ON accounts_auditentry TO desk_app"

    assert run(add, rights, "SET LOCAL ROLE desk_app") == ""
    assert AuditEntry.objects.count() == 2


def test_the_guard_fires_in_replica_mode_too(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'accounts_auditentry'::regclass "
            "AND NOT tgisinternal ORDER BY tgname"
        )
        found = [(name, enabled if isinstance(enabled, str) else enabled.decode()) for name, enabled in cursor]

    assert found == [("audit_refuses_change", "A"), ("audit_refuses_truncate", "A")]
