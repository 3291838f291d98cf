"""Issue 3: previews, replays with their progress, the order of refolds, and the tally of raw signals."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_guard"),
        ("scheduling", "0003_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplayStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("appointments", models.IntegerField()),
                ("changed", models.IntegerField()),
            ],
            options={
                "ordering": ("replay", "at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="SignalTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clinic_code", models.TextField(blank=True)),
                ("trigger", models.TextField(blank=True)),
                ("filler_status", models.TextField(blank=True)),
                ("event_reason", models.TextField(blank=True)),
                ("appointment_reason", models.TextField(blank=True)),
                ("appointment_type", models.TextField(blank=True)),
                ("resource_status", models.TextField(blank=True)),
                ("has_note", models.BooleanField()),
                ("events", models.BigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("newest_message", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="refoldrequest",
            name="is_parked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="refoldrequest",
            name="position",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="mappinghistory",
            name="verb",
            field=models.CharField(
                choices=[
                    ("start", "Started a draft"),
                    ("add_rule", "Added a rule"),
                    ("change_rule", "Changed a rule"),
                    ("remove_rule", "Removed a rule"),
                    ("set_reason", "Set a reason"),
                    ("set_precedence", "Set what leads"),
                    ("adopt", "Adopted rows of a pack"),
                    ("submit", "Submitted"),
                    ("return", "Sent back"),
                    ("approve", "Approved"),
                    ("publish", "Published"),
                    ("import", "Imported from a file"),
                    ("cancel_replay", "Stopped its replay"),
                    ("resume_replay", "Resumed its replay"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="MappingPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("effective_from", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("requested_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="scheduling.mappingrevision",
                    ),
                ),
            ],
            options={
                "ordering": ("-requested_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("cancelled", "Stopped")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("total", models.IntegerField()),
                ("passed_on", models.IntegerField(db_default=0, default=0)),
                ("started_at", models.DateTimeField()),
                ("resumed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replay",
                        to="scheduling.mappingpublication",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replays", to="accounts.source"
                    ),
                ),
            ],
            options={
                "ordering": ("-started_at", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="refoldrequest",
            name="replay",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="requests",
                to="scheduling.replay",
            ),
        ),
        migrations.AddIndex(
            model_name="refoldrequest",
            index=models.Index(
                condition=models.Q(("is_parked", False)),
                fields=["position", "appointment"],
                name="refolds_in_source_order",
            ),
        ),
        migrations.AddField(
            model_name="replaystep",
            name="replay",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="scheduling.replay",
            ),
        ),
        migrations.AddField(
            model_name="signaltally",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.source"
            ),
        ),
        migrations.AddIndex(
            model_name="mappingpreview",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=["requested_at"],
                name="previews_to_compute",
            ),
        ),
        migrations.AddConstraint(
            model_name="mappingpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", True), ("state__in", ["waiting", "running"])),
                    models.Q(
                        models.Q(("state__in", ["waiting", "running"]), _negated=True), ("finished_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="finished_preview_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="mappingpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True), ("result__isnull", False), _connector="OR"
                ),
                name="done_preview_has_a_result",
            ),
        ),
        migrations.AddIndex(
            model_name="replay",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["source"], name="running_replays_by_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="replay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state", "done")),
                    models.Q(models.Q(("state", "done"), _negated=True), ("finished_at__isnull", True)),
                    _connector="OR",
                ),
                name="finished_replay_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="replay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False), ("state", "cancelled")),
                    models.Q(
                        models.Q(("state", "cancelled"), _negated=True),
                        ("cancelled_at__isnull", True),
                        ("cancelled_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="cancelled_replay_says_when_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="replay",
            constraint=models.CheckConstraint(
                condition=models.Q(("passed_on__gte", 0), ("total__gte", models.F("passed_on"))),
                name="replay_passes_on_what_it_asked_for",
            ),
        ),
        migrations.AddIndex(
            model_name="replaystep",
            index=models.Index(fields=["replay", "at"], name="replay_steps_by_time"),
        ),
        migrations.AddConstraint(
            model_name="signaltally",
            constraint=models.UniqueConstraint(
                fields=(
                    "source",
                    "clinic_code",
                    "trigger",
                    "filler_status",
                    "event_reason",
                    "appointment_reason",
                    "appointment_type",
                    "resource_status",
                    "has_note",
                ),
                name="one_tally_per_signals",
            ),
        ),
    ]
