"""Settled notices are found by when they were settled, and the members of a digest by their digest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two indexes."""

    dependencies = [("exceptions", "0010_notices_of_endpoints")]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["channel", "settled_at"],
                condition=models.Q(settled_at__isnull=False),
                name="notices_by_settling",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["digest"], condition=models.Q(digest__isnull=False), name="notices_of_a_digest"),
        ),
    ]
