"""Predicted risk as it was told, and as it stood when somebody decided by it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("recovery", "0008_policies"),
        ("scheduling", "0007_mapping_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=60)),
                ("score", models.FloatField()),
                ("threshold", models.FloatField()),
                (
                    "arm",
                    models.CharField(choices=[("contact", "Contact"), ("holdout", "Left uncontacted")], max_length=8),
                ),
                ("at", models.DateTimeField()),
                (
                    "appointment",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recovery.queueitem",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RiskScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=60)),
                ("score", models.FloatField()),
                ("scored_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "appointment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scheduling.appointment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("appointment", "model", "scored_at"), name="one_score_per_visit_model_and_moment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("score__lte", 1)), name="a_score_is_a_share"
                    ),
                ],
            },
        ),
    ]
