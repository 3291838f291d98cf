"""Indexes of the splits: by state, and of what is not closed by team and person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two indexes on exceptions."""

    dependencies = [("exceptions", "0002_replay_evidence")]

    operations = [
        migrations.AddIndex(
            model_name="integrationexception",
            index=models.Index(fields=["state"], name="exceptions_by_state"),
        ),
        migrations.AddIndex(
            model_name="integrationexception",
            index=models.Index(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=["owner_team", "owner"],
                name="exceptions_by_team",
            ),
        ),
    ]
