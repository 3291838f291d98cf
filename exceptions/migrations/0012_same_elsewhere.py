"""One cause is often seen from several places: the pane asks for open exceptions of the same kind and raw value."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("exceptions", "0011_settled_notices"),)
    operations = (
        migrations.AddIndex(
            "integrationexception",
            models.Index(fields=["check_id", "raw"], condition=~Q(state="resolved"), name="exceptions_of_one_kind"),
        ),
    )
