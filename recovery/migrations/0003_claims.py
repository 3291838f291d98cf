"""What people do with an item: a claim that ends, tries, the next step, a pin."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns of an item that only people write."""

    dependencies = [
        ("accounts", "0003_duties"),
        ("recovery", "0002_replay_evidence"),
        ("scheduling", "0007_mapping_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="queueitem",
            name="claimed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="claimed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="claimed_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="next_step",
            field=models.CharField(
                blank=True,
                choices=[
                    ("wait_for_ehr", "Wait for the booking"),
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
                ],
                db_default="",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="not_before",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="pin_reason",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="pinned_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="pinned_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="queueitem",
            name="tries",
            field=models.SmallIntegerField(
                db_default=0, default=0, help_text="Attempts that count against the limit of its family."
            ),
        ),
        migrations.AlterField(
            model_name="itemevent",
            name="kind",
            field=models.CharField(
                choices=[
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
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="queueitem",
            name="close_reason",
            field=models.CharField(
                choices=[
                    ("booked", "The visit stands again"),
                    ("slot_filled", "The slot was filled"),
                    ("rebooked", "The patient has another visit"),
                    ("visit_gone", "The visit is no longer lost"),
                    ("expired", "The chance ended"),
                    ("template_blocked", "The template closed the slot"),
                    ("unwanted", "Outreach is not wanted"),
                    ("done", "Done by hand"),
                ],
                max_length=16,
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("claimed_by__isnull", False)), fields=["claimed_by"], name="items_by_holder"
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("claimed_until__isnull", False)),
                fields=["claimed_until"],
                name="items_by_claim_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claimed_by__isnull", True), ("claimed_until__isnull", True)),
                    models.Q(("claimed_by__isnull", False), ("claimed_until__isnull", False)),
                    _connector="OR",
                ),
                name="every_claim_has_an_end",
            ),
        ),
    ]
