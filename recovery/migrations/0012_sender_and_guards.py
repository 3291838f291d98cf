"""Who a clinic says it is in messages; marks, reveals and contact policies are append-only like other provenance."""

from django.db import migrations, models

TABLES = ("recovery_contactmark", "recovery_reveal", "recovery_contactpolicy")


def guard(table: str) -> str:
    """The trigger that refuses a change of a row; its function belongs to the facts floor."""
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION scheduling_refuse_change()"
    )


class Migration(migrations.Migration):
    """Two columns and three triggers."""

    dependencies = [
        ("recovery", "0011_book_it"),
        ("scheduling", "0007_mapping_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactpolicy",
            name="practice",
            field=models.CharField(
                blank=True,
                default="",
                help_text="What a message calls us; it names no specialty, since anybody may hear it.",
                max_length=60,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="contactpolicy",
            name="callback",
            field=models.CharField(
                blank=True, default="", help_text="The number that people call back.", max_length=30
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            [guard(table) for table in TABLES],
            [f"DROP TRIGGER append_only ON {table}" for table in TABLES],
        ),
    ]
