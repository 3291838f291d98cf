"""What can be done to a revision gains verbs: rows taken out, a preview. Signals have one name each. No data moves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0006_lane_links"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mappinghistory",
            name="verb",
            field=models.CharField(
                choices=[
                    ("start", "Started a draft"),
                    ("add_rule", "Added a rule"),
                    ("change_rule", "Changed a rule"),
                    ("remove_rule", "Removed a rule"),
                    ("set_reason", "Set a reason"),
                    ("remove_reason", "Removed a reason"),
                    ("set_precedence", "Set what leads"),
                    ("remove_precedence", "Removed what leads"),
                    ("adopt", "Adopted rows of a pack"),
                    ("preview", "Previewed"),
                    ("submit", "Submitted"),
                    ("return", "Sent back"),
                    ("approve", "Approved"),
                    ("publish", "Published"),
                    ("import", "Imported from a file"),
                    ("cancel_replay", "Stopped its replay"),
                    ("resume_replay", "Resumed its replay"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="mappingrule",
            name="appointment_reason",
            field=models.CharField(blank=True, max_length=200, null=True, verbose_name="visit purpose"),
        ),
        migrations.AlterField(
            model_name="mappingrule",
            name="appointment_type",
            field=models.CharField(blank=True, max_length=200, null=True, verbose_name="visit type"),
        ),
        migrations.AlterField(
            model_name="mappingrule",
            name="filler_status",
            field=models.CharField(blank=True, max_length=200, null=True, verbose_name="visit status"),
        ),
        migrations.AlterField(
            model_name="mappingrule",
            name="trigger",
            field=models.CharField(blank=True, max_length=200, null=True, verbose_name="event"),
        ),
        migrations.AlterField(
            model_name="precedencesetting",
            name="leads",
            field=models.CharField(
                choices=[("neither", "Neither: hold the event"), ("status", "The status"), ("trigger", "The event")],
                default="neither",
                max_length=10,
            ),
        ),
    ]
