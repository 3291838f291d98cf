"""The switch "one stop ends every topic" is a day instead of a tick: the federal rule begins on 31 January 2027."""

from datetime import date

from django.db import migrations, models

# Versions are append-only for the desk; their owner carries over what they said.
_OPEN = "ALTER TABLE recovery_contactpolicy DISABLE TRIGGER append_only"
_SHUT = "ALTER TABLE recovery_contactpolicy ENABLE TRIGGER append_only"
_TICK_TO_DAY = "UPDATE recovery_contactpolicy SET revoke_all_from = valid_from::date WHERE revoke_all"
_DAY_TO_TICK = "UPDATE recovery_contactpolicy SET revoke_all = true WHERE revoke_all_from <= valid_from::date"


class Migration(migrations.Migration):
    """One column takes the place of another."""

    dependencies = [("recovery", "0013_risk_desk")]

    operations = [
        migrations.AddField(
            model_name="contactpolicy",
            name="revoke_all_from",
            field=models.DateField(
                blank=True,
                default=date(2027, 1, 31),
                help_text="From this day on one stop ends every topic (47 CFR 64.1200(a)(10)); empty: never.",
                null=True,
            ),
        ),
        migrations.RunSQL([_OPEN, _TICK_TO_DAY, _SHUT], [_OPEN, _DAY_TO_TICK, _SHUT]),
        migrations.RemoveField(model_name="contactpolicy", name="revoke_all"),
    ]
