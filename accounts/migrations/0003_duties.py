"""Who is on duty when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models.sources


class Migration(migrations.Migration):
    """Weekly duties and swaps of a day."""

    dependencies = [
        ("accounts", "0002_audit_guard"),
    ]

    operations = [
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.SmallIntegerField(help_text="0 is Monday.")),
                ("starts", models.TimeField()),
                ("ends", models.TimeField(help_text="00:00 is the end of the day.")),
                ("timezone", models.CharField(max_length=64, validators=[accounts.models.sources.validate_zone])),
                ("rank", models.SmallIntegerField(default=1)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="duties", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="duties", to="accounts.team"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "duties",
                "ordering": ("team", "weekday", "starts", "rank", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("weekday__gte", 0), ("weekday__lte", 6)), name="duty_weekday_is_0_to_6"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts")), ("ends", "00:00"), _connector="OR"),
                        name="duty_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DutySwap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("starts", models.TimeField()),
                ("ends", models.TimeField(help_text="00:00 is the end of the day.")),
                ("timezone", models.CharField(max_length=64, validators=[accounts.models.sources.validate_zone])),
                ("reason", models.CharField(blank=True, max_length=80)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duty_swaps",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="duty_swaps", to="accounts.team"
                    ),
                ),
            ],
            options={
                "ordering": ("team", "on", "starts", "id"),
                "indexes": [models.Index(fields=["team", "on"], name="duty_swaps_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts")), ("ends", "00:00"), _connector="OR"),
                        name="duty_swap_ends_after_it_starts",
                    )
                ],
            },
        ),
    ]
