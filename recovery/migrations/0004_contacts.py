"""Marks on numbers, reveals, templates, languages of the staff, contact hours and limits."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Five tables."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("recovery", "0003_claims"),
        ("scheduling", "0007_mapping_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("system", models.CharField(max_length=8)),
                ("value", models.TextField()),
                (
                    "mark",
                    models.CharField(
                        choices=[
                            ("reached", "Reached the person"),
                            ("confirmed", "Confirmed by the person"),
                            ("wrong", "Wrong number"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["value", "-at"], name="contact_marks_by_value"),
                    models.Index(fields=["patient", "-at"], name="contact_marks_by_patient"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("weekdays_from", models.TimeField()),
                ("weekdays_until", models.TimeField()),
                ("sundays_from", models.TimeField()),
                ("sundays_until", models.TimeField()),
                ("most_texts_a_day", models.PositiveSmallIntegerField(default=1)),
                ("most_texts_a_week", models.PositiveSmallIntegerField(default=3)),
                ("most_calls_a_day", models.PositiveSmallIntegerField(default=2)),
                (
                    "revoke_all",
                    models.BooleanField(default=False, help_text="One stop ends every topic (47 CFR 64.1200(a)(10))."),
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
                "verbose_name_plural": "contact policies",
                "indexes": [models.Index(fields=["clinic", "-valid_from"], name="contact_policies_newest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sundays_until__gt", models.F("sundays_from")),
                            ("weekdays_until__gt", models.F("weekdays_from")),
                        ),
                        name="contact_hours_end_after_they_begin",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("refill", "A sooner visit"),
                            ("rebook", "A new visit"),
                            ("confirm", "A visit to come"),
                            ("stop", "That we stop"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("call", "Call"), ("text", "Text"), ("email", "E-mail"), ("letter", "Letter")],
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(max_length=16)),
                ("version", models.IntegerField()),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("body", models.TextField(max_length=1000)),
                ("written_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("topic", "channel", "language", "-version"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic", "channel", "language", "version"), name="one_template_per_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("written_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_template_is_approved_by_somebody_else",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reveal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reveals", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "patient", "-expires_at"], name="reveals_of_a_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("at"))), name="every_reveal_expires"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffLanguage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=16)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_languages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "language"), name="one_language_per_person")],
            },
        ),
    ]
