"""Full extracts: what is missing from one has vanished from the source (I3)."""

from datetime import datetime

from scheduling.readers.shapes import ExtractInfo
from scheduling.models import Extract


def open_extract(feed_id: int, info: ExtractInfo, *, now: datetime) -> int:
    """The row of a full extract that is arriving; sending the same extract again finds the same row."""
    extract, _ = Extract.objects.get_or_create(
        feed_id=feed_id,
        key=info.id,
        defaults={"taken_at": info.taken_at, "rows": info.rows, "received_at": now},
    )
    return int(extract.pk)
