"""Who gets an exception and who is told: rules, policies, windows of maintenance."""

import datetime as dt

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Five tables."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("exceptions", "0004_channels"),
        ("scheduling", "0006_lane_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EscalationPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("repeats", models.PositiveSmallIntegerField(default=0)),
                (
                    "default_for",
                    models.SmallIntegerField(
                        blank=True, choices=[(1, "Blocking"), (2, "Degraded"), (3, "Note")], null=True, unique=True
                    ),
                ),
                ("version", models.IntegerField(default=1, help_text="Counts changes of the policy and of its steps.")),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "escalation policies",
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("repeats__lte", 10)), name="a_policy_repeats_ten_times_at_most"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=80)),
                (
                    "checks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "families",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("message", "Message"),
                                ("mapping", "Mapping"),
                                ("order", "Order and timing"),
                                ("identity", "Identity"),
                                ("contact", "Contact and consent"),
                                ("template", "Template and capacity"),
                                ("freshness", "Freshness and volume"),
                                ("closure", "Closure"),
                                ("calibration", "Calibration drift"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "severities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(choices=[(1, "Blocking"), (2, "Degraded"), (3, "Note")]),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("raw_pattern", models.CharField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "clinic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.clinic",
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.feed",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exceptions.escalationpolicy",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.source",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
            },
        ),
        migrations.CreateModel(
            name="PlanChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
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
                    "policy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="exceptions.escalationpolicy",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="exceptions.routingrule",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="EscalationStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("no", models.PositiveSmallIntegerField()),
                ("wait", models.DurationField()),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("person", "A person"),
                            ("team", "A team"),
                            ("duty", "Whoever is on duty"),
                            ("webhook", "Another system"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "hours",
                    models.CharField(
                        choices=[
                            ("always", "At any hour"),
                            ("clinic", "While the clinic is open"),
                            ("duty", "While somebody is on duty"),
                        ],
                        default="always",
                        max_length=12,
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="exceptions.webhookendpoint",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="exceptions.escalationpolicy",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the team that owns the exception.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "ordering": ("policy", "no"),
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("policy", "no"),
                        name="one_step_per_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), ("target", "person")),
                            models.Q(("endpoint__isnull", False), ("target", "webhook")),
                            ("target__in", ["team", "duty"]),
                            _connector="OR",
                        ),
                        name="a_step_names_whom_it_tells",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wait__gte", dt.timedelta(0)), ("wait__lte", dt.timedelta(days=7))),
                        name="a_step_waits_a_week_at_most",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MaintenanceWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("rechecked_at", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "clinic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.clinic",
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.feed",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.source"
                    ),
                ),
            ],
            options={
                "ordering": ("-starts_at", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("rechecked_at__isnull", True)),
                        fields=["ends_at"],
                        name="maintenance_windows_to_recheck",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_at"), "+", models.Value(dt.timedelta(days=14))
                                ),
                            ),
                        ),
                        name="every_maintenance_window_has_an_end",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("position",),
                name="one_rule_per_position",
            ),
        ),
        migrations.AddConstraint(
            model_name="planchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("policy__isnull", True), ("rule__isnull", False)),
                    models.Q(("policy__isnull", False), ("rule__isnull", True)),
                    _connector="OR",
                ),
                name="a_change_is_of_a_rule_or_a_policy",
            ),
        ),
    ]
