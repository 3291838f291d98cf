"""Texts and e-mails on their way out, and replies."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("recovery", "0006_offers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Outbound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("body", models.TextField()),
                ("send_after", models.DateTimeField()),
                ("deadline_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("failed", "Not delivered"),
                            ("expired", "Too late"),
                            ("refused", "Stopped by the guard"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("tries", models.SmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("status_at", models.DateTimeField(help_text="When the gateway last told how it fared.", null=True)),
                ("gateway_id", models.CharField(blank=True, max_length=120)),
                ("problem", models.CharField(blank=True, max_length=200)),
                (
                    "attempt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outbound", to="recovery.attempt"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="recovery.messagetemplate"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="The gateway's own id of the reply.", max_length=120, unique=True)),
                ("value", models.TextField(help_text="The number or address that it came from.")),
                ("body", models.TextField(max_length=1000)),
                ("received_at", models.DateTimeField()),
                (
                    "meaning",
                    models.CharField(
                        choices=[
                            ("yes", "Yes"),
                            ("no", "No"),
                            ("stop", "No more messages"),
                            ("start", "Messages again"),
                            ("help", "Help"),
                            ("ask", "To be asked about"),
                        ],
                        max_length=12,
                    ),
                ),
                ("effect", models.CharField(blank=True, help_text="What the desk did because of it.", max_length=200)),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outbound",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="recovery.outbound",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.source",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "replies",
            },
        ),
        migrations.AddIndex(
            model_name="outbound",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])),
                fields=["send_after", "id"],
                name="outbounds_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="outbound",
            index=models.Index(
                condition=models.Q(("gateway_id", ""), _negated=True),
                fields=["gateway_id"],
                name="outbounds_by_gateway_id",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("handled_at__isnull", True)), fields=["received_at"], name="replies_to_handle"
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(fields=["value", "-received_at"], name="replies_by_value"),
        ),
    ]
