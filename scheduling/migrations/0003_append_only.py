"""Provenance is append-only: the database refuses to change or remove a version (DESIGN section 13)."""

from django.db import migrations

TABLES = (
    "scheduling_feedsettings",
    "scheduling_patientversion",
    "scheduling_consent",
    "scheduling_mappingpublication",
    "scheduling_mappinghistory",
)

FUNCTION = """
CREATE FUNCTION scheduling_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def guard(table: str) -> str:
    """The trigger that refuses a change of a row."""
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION scheduling_refuse_change()"
    )


class Migration(migrations.Migration):
    dependencies = (("scheduling", "0002_hot_tables"),)
    operations = (
        migrations.RunSQL(
            [FUNCTION, *(guard(table) for table in TABLES)],
            [*(f"DROP TRIGGER append_only ON {table}" for table in TABLES), "DROP FUNCTION scheduling_refuse_change()"],
        ),
    )
