"""The history of an exception names the replay that closed it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exceptions", "0001_initial"),
        ("scheduling", "0004_previews_and_replays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="history",
            name="replay",
            field=models.ForeignKey(
                db_index=False,
                help_text="The replay of a mapping that is the evidence.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.replay",
            ),
        ),
        migrations.AlterField(
            model_name="history",
            name="verb",
            field=models.CharField(
                choices=[
                    ("take", "Taken"),
                    ("release", "Let go"),
                    ("assign", "Handed over"),
                    ("mute", "Muted"),
                    ("unmute", "Mute ended by hand"),
                    ("resolve", "Closed"),
                    ("reopen", "Opened again"),
                    ("comment", "Comment"),
                    ("opened", "Opened"),
                    ("regressed", "Happened again"),
                    ("came_back", "Came back"),
                    ("cleared", "Cleared by itself"),
                    ("cured", "Closed by a mapping"),
                    ("mute_ended", "Mute ran out"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="history",
            index=models.Index(
                condition=models.Q(("replay__isnull", False)), fields=["replay"], name="exception_history_by_replay"
            ),
        ),
    ]
