"""The outbox of notices, and the steps that were run."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("exceptions", "0006_ends_and_routes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StepRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("spell_no", models.IntegerField()),
                ("no", models.SmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("ran_at", models.DateTimeField()),
                (
                    "told",
                    models.JSONField(default=list, help_text="Ids of who was told; empty with ``note`` saying why."),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "exception",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="step_runs",
                        to="exceptions.integrationexception",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=160)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("step", "Needs somebody"),
                            ("assigned", "Handed to you"),
                            ("resolved", "Closed"),
                            ("reopened", "Opened again"),
                            ("ended", "Mute or take ended"),
                            ("digest", "Digest"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("in_app", "In the desk"), ("email", "E-mail"), ("webhook", "Webhook")], max_length=8
                    ),
                ),
                ("sentence", models.CharField(max_length=300)),
                ("is_urgent", models.BooleanField(default=False, help_text="Goes out in quiet hours too.")),
                ("created_at", models.DateTimeField()),
                ("send_after", models.DateTimeField()),
                ("deadline_at", models.DateTimeField(help_text="After this it is not worth sending any more.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Given up"),
                            ("expired", "Too late"),
                            ("bundled", "In a digest"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("tries", models.SmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                (
                    "settled_at",
                    models.DateTimeField(help_text="When it was sent, given up, or put into a digest.", null=True),
                ),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "digest",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="members",
                        to="exceptions.notice",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="exceptions.webhookendpoint",
                    ),
                ),
                (
                    "exception",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="exceptions.integrationexception",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step_run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="exceptions.steprun",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="steprun",
            constraint=models.UniqueConstraint(
                fields=("exception", "spell_no", "no"), name="one_run_per_step_of_a_spell"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])),
                fields=["send_after", "id"],
                name="notices_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["person", "-created_at", "-id"], name="notices_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("channel", "in_app"), ("read_at__isnull", True)),
                fields=["person"],
                name="notices_unread",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["exception", "-created_at"], name="notices_about_an_exception"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("key",), name="one_notice_per_key"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "webhook"), ("endpoint__isnull", False), ("person__isnull", True)),
                    models.Q(
                        models.Q(("channel", "webhook"), _negated=True),
                        ("endpoint__isnull", True),
                        ("person__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_notice_has_one_recipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state__in", ["waiting", "sending"])),
                    models.Q(
                        models.Q(("state__in", ["waiting", "sending"]), _negated=True), ("settled_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="a_settled_notice_says_when",
            ),
        ),
    ]
