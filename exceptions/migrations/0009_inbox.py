"""What the inbox asks for: when something was muted, one index that counts all splits, the view a list opens with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A column, an index and a table."""

    dependencies = [
        ("exceptions", "0008_saved_views_and_acts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="integrationexception",
            name="muted_at",
            field=models.DateTimeField(help_text="When it was muted last; what happened since is news.", null=True),
        ),
        migrations.AddIndex(
            model_name="integrationexception",
            index=models.Index(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=["severity"],
                include=(
                    "state",
                    "live_count",
                    "owner",
                    "owner_team",
                    "source",
                    "clinic",
                    "next_step_at",
                    "muted_at",
                    "muted_until",
                    "taken_until",
                    "waived_until",
                    "occurred_last",
                ),
                name="open_exceptions_are_counted",
            ),
        ),
        migrations.CreateModel(
            name="DefaultView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="default_exception_view",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="exceptions.savedview"
                    ),
                ),
            ],
        ),
    ]
