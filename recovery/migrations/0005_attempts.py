"""Attempts to reach people, and the owner rows of the one counter."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("recovery", "0004_contacts"),
        ("scheduling", "0007_mapping_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactOwner",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("person", "Person"), ("number", "Number")], max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("refill_24h", "Refill, starts within 24 h"),
                            ("refill_72h", "Refill, 24 to 72 h"),
                            ("refill_week", "Refill, 3 to 7 days"),
                            ("refill_later", "Refill, over 7 days"),
                            ("rebook_bumped", "Rebook bumped"),
                            ("rebook_missed", "Rebook missed"),
                            ("confirm", "Confirm at-risk visit"),
                            ("stop_outreach", "Stop outreach"),
                            ("weekly_report", "Weekly report"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("call", "Call"), ("text", "Text"), ("email", "E-mail"), ("letter", "Letter")],
                        max_length=10,
                    ),
                ),
                ("value", models.TextField(help_text="The number or address that was used.")),
                ("person_owner", models.BigIntegerField()),
                ("number_owner", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("verdict", models.JSONField(default=dict)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Will come"),
                            ("booked", "Booked a visit"),
                            ("accepted", "Takes the slot"),
                            ("declined", "Does not want it"),
                            ("no_answer", "No answer"),
                            ("voicemail", "Voicemail"),
                            ("busy", "Busy"),
                            ("wrong_number", "Wrong number"),
                            ("third_party", "Somebody else answered"),
                            ("call_back", "Wants to be called back"),
                            ("interpreter", "Interpreter needed"),
                            ("barrier", "Transport or cost"),
                            ("no_calls", "Wants no calls"),
                            ("cancelled", "Cancels the visit"),
                            ("died", "Has died"),
                            ("gone", "Already changed"),
                            ("sent", "Sent"),
                            ("put_back", "Not tried"),
                        ],
                        max_length=16,
                    ),
                ),
                ("outcome_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "next_step",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wait_for_ehr", "Wait for the booking"),
                            ("try_again", "Try again"),
                            ("call_back", "Call back"),
                            ("fix_contact", "Mend the contact"),
                            ("interpreter", "Get an interpreter"),
                            ("other_channel", "Another way"),
                            ("next_person", "Ask the next person"),
                            ("letter", "Send a letter"),
                            ("clinician", "Ask the clinician"),
                            ("supervisor", "Ask a supervisor"),
                            ("consent", "Record the refusal"),
                            ("close", "Nothing more"),
                        ],
                        max_length=16,
                    ),
                ),
                ("next_at", models.DateTimeField(null=True)),
                (
                    "with_whom",
                    models.CharField(blank=True, help_text="Whom to ask for when calling back.", max_length=80),
                ),
                ("language", models.CharField(blank=True, max_length=16)),
                ("is_counted", models.BooleanField(default=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.clinic",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="recovery.queueitem",
                    ),
                ),
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["person_owner", "-at"], name="attempts_by_person"),
                    models.Index(fields=["number_owner", "-at"], name="attempts_by_number"),
                    models.Index(fields=["-at"], name="attempts_newest_first"),
                    models.Index(
                        condition=models.Q(("outcome", "")), fields=["actor"], name="attempts_without_outcome"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("outcome_at__isnull", True)),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("outcome_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_outcome_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", ""), models.Q(("next_step", ""), _negated=True), _connector="OR"
                        ),
                        name="every_outcome_has_a_next_step",
                    ),
                ],
            },
        ),
    ]
