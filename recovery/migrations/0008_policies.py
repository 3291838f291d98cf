"""What a clinic decided about visit types, offers and tries."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("recovery", "0007_outreach"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AttemptPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("refill", "Refill"),
                            ("rebook_missed", "Rebook missed"),
                            ("rebook_bumped", "Rebook bumped"),
                        ],
                        max_length=16,
                    ),
                ),
                ("most_tries", models.PositiveSmallIntegerField(help_text="Empty: no limit.", null=True)),
                ("rest", models.DurationField()),
                ("first_within", models.DurationField(null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_versions",
                        to="accounts.clinic",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        help_text="Empty: the system.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "attempt policies",
                "indexes": [
                    models.Index(fields=["clinic", "family", "-valid_from"], name="attempt_policies_newest_first")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("most_tries__isnull", True), ("most_tries__gte", 1), _connector="OR"),
                        name="at_least_one_try",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("steps", models.JSONField()),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        help_text="In which order channels are tried.",
                        size=None,
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_versions",
                        to="accounts.clinic",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        help_text="Empty: the system.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "offer policies",
                "indexes": [models.Index(fields=["clinic", "-valid_from"], name="offer_policies_newest_first")],
            },
        ),
        migrations.CreateModel(
            name="VisitTypeRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("visit_type", models.TextField()),
                (
                    "movable",
                    models.CharField(
                        choices=[("free", "May be moved"), ("review", "Needs a review"), ("never", "Never offered")],
                        max_length=8,
                    ),
                ),
                (
                    "preparation",
                    models.DurationField(help_text="What the patient needs before the visit (fasting, transport)."),
                ),
                ("notice", models.DurationField(help_text="The least notice.")),
                (
                    "fits",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="Visit types whose slots it may take.",
                        size=None,
                    ),
                ),
                (
                    "decider",
                    models.CharField(
                        choices=[("scheduler", "Scheduler"), ("supervisor", "Supervisor"), ("clinician", "Clinician")],
                        max_length=10,
                    ),
                ),
                ("remark", models.CharField(blank=True, max_length=200)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_versions",
                        to="accounts.clinic",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        help_text="Empty: the system.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["clinic", "visit_type", "-valid_from"], name="visit_type_rules_newest_first")
                ],
            },
        ),
    ]
