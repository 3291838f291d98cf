"""Physical shape of the tables that every batch writes: ids in blocks, room for HOT updates, BRIN instead of B-trees."""

from django.db import migrations

# COPY needs ids before it writes; one nextval() reserves a block of this many (scheduling.services.blocks).
BLOCK = 1000
BLOCK_TABLES = (
    "scheduling_message",
    "scheduling_mappedevent",
    "scheduling_appointment",
    "scheduling_patient",
)
# Rows that are updated in place leave room on their page, so that an update need not touch the indexes.
UPDATED_TABLES = ("scheduling_appointment", "scheduling_patient")

FORWARD = [
    *(f"ALTER TABLE {table} ALTER COLUMN id SET INCREMENT BY {BLOCK}" for table in BLOCK_TABLES),
    *(f"ALTER TABLE {table} SET (fillfactor = 80)" for table in UPDATED_TABLES),
    "ALTER TABLE scheduling_waiting SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000)",
    "CREATE INDEX messages_by_receipt ON scheduling_message USING brin (received_at) WITH (pages_per_range = 32)",
    "CREATE INDEX events_by_message ON scheduling_mappedevent USING brin (message_id, received_at) WITH (pages_per_range = 32)",
    "CREATE INDEX receipts_by_receipt ON scheduling_receipt USING brin (received_at) WITH (pages_per_range = 32)",
]
BACKWARD = [
    "DROP INDEX receipts_by_receipt",
    "DROP INDEX events_by_message",
    "DROP INDEX messages_by_receipt",
    "ALTER TABLE scheduling_waiting RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
    *(f"ALTER TABLE {table} RESET (fillfactor)" for table in UPDATED_TABLES),
    *(f"ALTER TABLE {table} ALTER COLUMN id SET INCREMENT BY 1" for table in BLOCK_TABLES),
]


class Migration(migrations.Migration):
    dependencies = (("scheduling", "0001_initial"),)
    operations = (migrations.RunSQL([*FORWARD], [*BACKWARD]),)
