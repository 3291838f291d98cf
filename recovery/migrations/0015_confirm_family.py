"""Visits at risk become items too; words only, no column changes."""

from django.db import migrations, models

FAMILIES = [
    ("refill", "Refill"),
    ("rebook_missed", "Rebook missed"),
    ("rebook_bumped", "Rebook bumped"),
    ("confirm", "Confirm visit"),
]
CLOSE_REASONS = [
    ("booked", "The visit stands again"),
    ("slot_filled", "The slot was filled"),
    ("rebooked", "The patient has another visit"),
    ("visit_gone", "The visit is no longer lost"),
    ("expired", "The chance ended"),
    ("template_blocked", "The template closed the slot"),
    ("unwanted", "Outreach is not wanted"),
    ("done", "Done by hand"),
    ("confirmed", "The visit is confirmed"),
    ("moved", "The visit was moved"),
    ("called_off", "The visit was called off"),
    ("arrived", "The patient has arrived"),
    ("over", "The visit is over"),
]
STEPS = [
    ("wait_for_ehr", "Wait for the EHR"),
    ("book_it", "Enter it in the EHR"),
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
    """Five columns' choices."""

    dependencies = [("recovery", "0014_revoke_all_from")]

    operations = [
        migrations.AlterField(
            model_name="queueitem",
            name="family",
            field=models.CharField(choices=FAMILIES, max_length=16),
        ),
        migrations.AlterField(
            model_name="queueitem",
            name="close_reason",
            field=models.CharField(choices=CLOSE_REASONS, max_length=16, null=True),
        ),
        migrations.AlterField(
            model_name="attemptpolicy",
            name="family",
            field=models.CharField(choices=FAMILIES, max_length=16),
        ),
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
