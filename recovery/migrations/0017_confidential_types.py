"""Visit types that are a minor's own affair: nobody is contacted about them in the minor's place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("recovery", "0016_closed_by_hand")]

    operations = [
        migrations.AddField(
            model_name="visittyperule",
            name="is_confidential",
            field=models.BooleanField(
                default=False, help_text="A minor's visit of this type is not spoken of to a guardian."
            ),
        ),
    ]
