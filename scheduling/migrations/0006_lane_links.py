"""A merge that intake saw joins the lanes of the two records, so that a person is worked on by one worker at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("scheduling", "0005_count_signals"),)
    operations = (
        migrations.CreateModel(
            "LaneLink",
            [
                (
                    "patient_hash",
                    models.BigIntegerField(help_text="CRC-32 of the retired id.", primary_key=True, serialize=False),
                ),
                ("survivor_hash", models.BigIntegerField()),
            ],
        ),
    )
