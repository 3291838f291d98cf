"""How it went with an endpoint lately is read without looking at all notices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One partial index."""

    dependencies = [("exceptions", "0009_inbox")]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["endpoint", "-created_at", "-id"],
                condition=models.Q(endpoint__isnull=False),
                name="notices_to_an_endpoint",
            ),
        ),
    ]
