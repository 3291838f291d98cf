"""Where notices go: endpoints, and what a person wants."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables, and the words of new moves."""

    dependencies = [
        ("exceptions", "0003_split_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="history",
            name="verb",
            field=models.CharField(
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
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("url", models.URLField(max_length=300)),
                ("secret", models.CharField(max_length=120)),
                (
                    "style",
                    models.CharField(
                        choices=[("plain", "Plain JSON"), ("slack", "Slack"), ("teams", "Teams")],
                        default="plain",
                        max_length=8,
                    ),
                ),
                ("most_per_hour", models.PositiveSmallIntegerField(default=60)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("most_per_hour__gte", 1)), name="an_endpoint_may_be_told_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "email",
                    models.CharField(
                        choices=[("each", "Each at once"), ("hourly", "Once an hour"), ("off", "Never")],
                        default="hourly",
                        max_length=8,
                    ),
                ),
                ("quiet_from", models.TimeField(blank=True, null=True)),
                ("quiet_until", models.TimeField(blank=True, null=True)),
                (
                    "most_per_hour",
                    models.PositiveSmallIntegerField(
                        default=12, help_text="E-mails; what is above goes into a digest."
                    ),
                ),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_settings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "notice settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                            models.Q(("quiet_from__isnull", False), ("quiet_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="quiet_hours_have_both_ends",
                    )
                ],
            },
        ),
    ]
