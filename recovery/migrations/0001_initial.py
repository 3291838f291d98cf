"""The queue: items and their history."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_audit_guard"),
        ("scheduling", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "subject",
                    models.TextField(help_text="The slot (source, start, resource) or the appointment that was lost."),
                ),
                ("resource", models.TextField(null=True)),
                (
                    "resource_day",
                    models.BigIntegerField(help_text="The owner row of the slot; empty for a rebook.", null=True),
                ),
                ("starts_at", models.DateTimeField()),
                ("minutes", models.IntegerField()),
                ("visit_type", models.TextField(null=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("rescheduled", "Rescheduled"),
                            ("changed", "Changed"),
                            ("confirmed", "Confirmed"),
                            ("checked_in", "Checked in"),
                            ("started", "Started"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("bumped", "Bumped by clinic"),
                            ("missed", "Missed"),
                            ("left_unseen", "Left without being seen"),
                            ("deleted", "Deleted"),
                            ("slot_opened", "Slot opened"),
                            ("slot_blocked", "Slot blocked"),
                            ("patient_changed", "Patient changed"),
                            ("patients_merged", "Patients merged"),
                            ("patient_died", "Patient died"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "initiator",
                    models.CharField(
                        choices=[
                            ("patient", "Patient"),
                            ("clinic", "Clinic"),
                            ("system", "System"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=8,
                        null=True,
                    ),
                ),
                (
                    "set_by",
                    models.CharField(choices=[("person", "A person"), ("timer", "A timer")], max_length=8, null=True),
                ),
                (
                    "lost_at",
                    models.DateTimeField(help_text="Source time at which the slot was given back or the visit lost."),
                ),
                ("heard_at", models.DateTimeField(help_text="When we received that.")),
                (
                    "ready_from",
                    models.DateTimeField(help_text="Not before: close of business on the day of a missed visit."),
                ),
                ("useful_until", models.DateTimeField(help_text="The last useful moment to act.")),
                ("value", models.SmallIntegerField()),
                ("reach", models.SmallIntegerField()),
                ("risk", models.SmallIntegerField()),
                ("weight", models.SmallIntegerField(help_text="value x reach x risk; see recovery.ranking.")),
                (
                    "reasons",
                    models.JSONField(default=list, help_text="Reasons that facts decide; see recovery.reasons."),
                ),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[(0, "Ready"), (1, "Warn"), (2, "Held")],
                        help_text="The heaviest of the stored reasons.",
                    ),
                ),
                ("state", models.CharField(choices=[("open", "Open"), ("closed", "Closed")], max_length=8)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "close_reason",
                    models.CharField(
                        choices=[
                            ("booked", "The visit stands again"),
                            ("slot_filled", "The slot was filled"),
                            ("rebooked", "The patient has another visit"),
                            ("visit_gone", "The visit is no longer lost"),
                            ("expired", "The chance ended"),
                            ("template_blocked", "The template closed the slot"),
                            ("unwanted", "Outreach is not wanted"),
                        ],
                        max_length=16,
                        null=True,
                    ),
                ),
                ("version", models.IntegerField(help_text="Grows with every change; a stale act names an older one.")),
                (
                    "appointment",
                    models.ForeignKey(
                        db_constraint=False,
                        help_text="The visit that gave the slot back, or that was lost.",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="queue_items",
                        to="scheduling.appointment",
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
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="Whom to rebook: the record that survived merges. Empty for a refill.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.source",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ItemEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("opened", "Opened"), ("changed", "Changed"), ("closed", "Closed")], max_length=12
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("detail", models.JSONField(default=dict)),
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
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="recovery.queueitem"
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["useful_until"], name="open_items_by_end"
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["resource_day"], name="open_items_by_resource_day"
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(condition=models.Q(("state", "open")), fields=["patient"], name="open_items_by_patient"),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(fields=["-opened_at"], name="items_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("family", "subject"), name="one_open_item_per_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("close_reason__isnull", True), ("closed_at__isnull", True), ("state", "open")),
                    models.Q(("close_reason__isnull", False), ("closed_at__isnull", False), ("state", "closed")),
                    _connector="OR",
                ),
                name="closed_item_says_when_and_why",
            ),
        ),
    ]
