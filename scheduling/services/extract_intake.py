"""Note a full extract as it arrives."""

from datetime import datetime

from scheduling.models import Extract
from scheduling.readers.shapes import ExtractInfo


def open_extract(feed_id: int, info: ExtractInfo, *, is_damaged: bool, now: datetime) -> int | None:
    """The row of a full extract that is arriving; None for a delta, which says nothing by what it leaves out.

    Sending the same extract again finds the same row. An extract that arrived damaged concludes nothing about what it
    does not list.
    """
    if info.kind != "full" or info.taken_at is None:
        return None
    extract, _ = Extract.objects.get_or_create(
        feed_id=feed_id,
        key=info.id,
        defaults={"taken_at": info.taken_at, "rows": info.rows, "received_at": now, "guarded": is_damaged},
    )
    return int(extract.pk)
