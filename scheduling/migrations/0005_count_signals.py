"""Count the raw signals of the events that are stored already; from here on digestion counts (DESIGN section 6)."""

from django.db import migrations

COUNT = """
INSERT INTO scheduling_signaltally (source_id, clinic_code, trigger, filler_status, event_reason, appointment_reason,
    appointment_type, resource_status, has_note, events, first_at, last_at, newest_message)
SELECT f.source_id, coalesce(e.clinic_code, ''), e.trigger, e.filler_status, e.event_reason, e.appointment_reason,
    e.appointment_type, e.resource_status, e.note <> '', count(*), min(e.source_at), max(e.source_at),
    (array_agg(e.message_id ORDER BY e.source_at DESC, e.message_id DESC))[1]
FROM scheduling_mappedevent e JOIN scheduling_feed f ON f.id = e.feed_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


class Migration(migrations.Migration):
    dependencies = (("scheduling", "0004_previews_and_replays"),)
    operations = (
        migrations.RunSQL(
            [
                "LOCK TABLE scheduling_signaltally IN SHARE ROW EXCLUSIVE MODE",
                "DELETE FROM scheduling_signaltally",
                COUNT,
            ],
            ["DELETE FROM scheduling_signaltally"],
        ),
    )
