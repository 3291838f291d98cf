"""Open items by their next step: what rests and what is to be called back, without a look at the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies = [("recovery", "0009_risk")]

    operations = [
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("state", "open"), models.Q(("next_step", ""), _negated=True)),
                fields=["next_step", "not_before"],
                name="open_items_by_next_step",
            ),
        ),
    ]
