"""What clinics do about predicted risk, who may post scores, and decisions that freeze all they were made by."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("recovery_riskscore", "recovery_riskpolicy", "recovery_riskseed", "recovery_riskdecision")


def guard(table: str) -> str:
    """The trigger that refuses a change of a row; its function belongs to the facts floor."""
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION scheduling_refuse_change()"
    )


class Migration(migrations.Migration):
    """Three tables, four triggers. Nothing has written decisions before, so their new columns need no default."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("recovery", "0012_sender_and_guards"),
        ("scheduling", "0007_mapping_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("is_on", models.BooleanField()),
                ("model", models.CharField(max_length=60)),
                ("threshold", models.FloatField()),
                ("days_ahead", models.PositiveSmallIntegerField()),
                ("holdout", models.PositiveSmallIntegerField()),
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
                "verbose_name_plural": "risk policies",
                "indexes": [models.Index(fields=["clinic", "-valid_from"], name="risk_policies_newest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("threshold__gt", 0), ("threshold__lte", 1)), name="a_threshold_is_a_share"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days_ahead__gte", 1), ("days_ahead__lte", 14)),
                        name="decided_in_two_weeks",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("holdout__lte", 20)), name="at_most_a_fifth_is_held_out"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskSeed",
            fields=[
                (
                    "clinic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.clinic",
                    ),
                ),
                ("secret", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RiskSender",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.source",
                    ),
                ),
                ("token_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RemoveField(model_name="riskdecision", name="item"),
        migrations.AddField(
            model_name="riskdecision",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="recovery.riskpolicy"
            ),
        ),
        migrations.AddField(
            model_name="riskdecision",
            name="mode",
            field=models.CharField(
                choices=[("observing", "Observing"), ("shadow", "Shadow"), ("live", "Live")], max_length=12
            ),
        ),
        migrations.AddField(model_name="riskdecision", name="starts_at", field=models.DateTimeField()),
        migrations.AddField(
            model_name="riskdecision", name="reason", field=models.CharField(blank=True, max_length=80)
        ),
        migrations.AddField(
            model_name="riskscore",
            name="reason",
            field=models.CharField(blank=True, help_text="What raised it most, in words of its maker.", max_length=80),
        ),
        migrations.AddIndex(
            model_name="riskdecision",
            index=models.Index(fields=["-at"], name="risk_decisions_newest_first"),
        ),
        migrations.RunSQL(
            [guard(table) for table in TABLES],
            [f"DROP TRIGGER append_only ON {table}" for table in TABLES],
        ),
    ]
