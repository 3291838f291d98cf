"""Items that people close and open again, and what next best keeps from whoever was just refused it."""

from django.db import migrations, models

KINDS = [
    ("opened", "Opened"),
    ("changed", "Changed"),
    ("closed", "Closed"),
    ("claimed", "Claimed"),
    ("released", "Let go"),
    ("handed_over", "Handed over"),
    ("lease_ended", "Claim ran out"),
    ("refused", "Refused"),
    ("called", "Called"),
    ("outcome", "Outcome"),
    ("pinned", "Pinned"),
    ("unpinned", "Pin ended"),
    ("offered", "Offered"),
    ("answered", "Answered"),
    ("revealed", "Revealed"),
    ("reopened", "Opened again"),
]


class Migration(migrations.Migration):
    """One column's choices and two small indexes."""

    dependencies = [("recovery", "0015_confirm_family")]

    operations = [
        migrations.AlterField(
            model_name="itemevent",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("close_reason", "done")), fields=["family", "subject"], name="items_done_by_hand"
            ),
        ),
        migrations.AddIndex(
            model_name="itemevent",
            index=models.Index(
                condition=models.Q(("kind__in", ["refused", "released"])),
                fields=["actor", "-at"],
                name="what_people_could_not_do",
            ),
        ),
    ]
