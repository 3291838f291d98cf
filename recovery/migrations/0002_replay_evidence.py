"""What happened to an item names the replay that brought it about."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recovery", "0001_initial"),
        ("scheduling", "0004_previews_and_replays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="itemevent",
            name="replay",
            field=models.ForeignKey(
                db_index=False,
                help_text="The replay of a mapping that brought it about.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.replay",
            ),
        ),
        migrations.AddIndex(
            model_name="itemevent",
            index=models.Index(
                condition=models.Q(("replay__isnull", False)), fields=["replay"], name="item_events_by_replay"
            ),
        ),
    ]
