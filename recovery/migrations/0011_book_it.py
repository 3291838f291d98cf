"""A next step for an accepted offer whose booking does not come; words only, no column changes."""

from django.db import migrations, models

STEPS = [
    ("wait_for_ehr", "Wait for the booking"),
    ("book_it", "Book it in the EHR"),
    ("try_again", "Try again"),
    ("call_back", "Call back"),
    ("fix_contact", "Mend the contact"),
    ("interpreter", "Get an interpreter"),
    ("other_channel", "Another way"),
    ("next_person", "Ask the next person"),
    ("letter", "Send a letter"),
    ("clinician", "Ask the clinician"),
    ("supervisor", "Ask a supervisor"),
    ("consent", "Record the refusal"),
    ("close", "Nothing more"),
]


class Migration(migrations.Migration):
    """Two columns' choices."""

    dependencies = [("recovery", "0010_next_steps")]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="next_step",
            field=models.CharField(blank=True, choices=STEPS, max_length=16),
        ),
        migrations.AlterField(
            model_name="queueitem",
            name="next_step",
            field=models.CharField(blank=True, choices=STEPS, db_default="", max_length=16),
        ),
    ]
