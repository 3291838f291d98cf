"""Saved views, and acts that can be taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("exceptions", "0007_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("take", "Taken"),
                            ("release", "Let go"),
                            ("assign", "Handed over"),
                            ("mute", "Muted"),
                            ("unmute", "Mute ended by hand"),
                            ("resolve", "Closed"),
                            ("reopen", "Opened again"),
                            ("comment", "Comment"),
                            ("escalate", "Escalated"),
                            ("waive", "Waived"),
                            ("unwaive", "Waiver ended by hand"),
                            ("reroute", "Routed again"),
                            ("undo", "Taken back"),
                            ("opened", "Opened"),
                            ("regressed", "Happened again"),
                            ("came_back", "Came back"),
                            ("cleared", "Cleared by itself"),
                            ("cured", "Closed by a mapping"),
                            ("mute_ended", "Mute ran out"),
                            ("take_ended", "Taken too long"),
                            ("waiver_ended", "Waiver ran out"),
                            ("told", "Told"),
                            ("rechecked", "Looked at after maintenance"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("asked", models.IntegerField()),
                ("done", models.IntegerField()),
                ("outcomes", models.JSONField(default=list)),
                ("undo_until", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exception_acts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["actor", "-at"], name="acts_of_a_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("asked"))), name="no_more_done_than_asked"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=500)),
                ("saved_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exception_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        help_text="Shared with.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exception_views",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "id"),
                "constraints": [models.UniqueConstraint(fields=("person", "name"), name="one_saved_view_per_name")],
            },
        ),
    ]
