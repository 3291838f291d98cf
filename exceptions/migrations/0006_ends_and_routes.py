"""Takes and waivers end; an exception keeps the route that chose its owner."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three columns with their indexes."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("exceptions", "0005_routing"),
        ("scheduling", "0006_lane_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="integrationexception",
            name="route",
            field=models.JSONField(help_text="The rule that chose the owner, as it stood then.", null=True),
        ),
        migrations.AddField(
            model_name="integrationexception",
            name="taken_until",
            field=models.DateTimeField(help_text="A take that nobody renews ends here (I10).", null=True),
        ),
        migrations.AddField(
            model_name="integrationexception",
            name="waived_until",
            field=models.DateTimeField(help_text="Until then it blocks nothing that it does not hold.", null=True),
        ),
        migrations.AddIndex(
            model_name="integrationexception",
            index=models.Index(
                condition=models.Q(("taken_until__isnull", False)),
                fields=["taken_until"],
                name="exceptions_by_take_end",
            ),
        ),
        migrations.AddIndex(
            model_name="integrationexception",
            index=models.Index(
                condition=models.Q(("waived_until__isnull", False)),
                fields=["waived_until"],
                name="exceptions_by_waiver_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="integrationexception",
            constraint=models.CheckConstraint(
                condition=models.Q(("taken_until__isnull", True), ("state", "taken"), _connector="OR"),
                name="only_a_taken_exception_has_a_take_end",
            ),
        ),
    ]
