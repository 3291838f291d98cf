"""``inbox``: the inbox with 200,000 open exceptions: its first page, its poll, an act on 500 and taking it back."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.children import Child, race
from benchmarks.history import settle
from benchmarks.page_data import build
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

DATABASE = "bench_inbox"
VISITS = 2_000  # behind the few exceptions that hold some
# Behind those that hold visits come open ones of every state, as after a feed that went wrong for weeks.
_OPEN = """
INSERT INTO exceptions_integrationexception (id, fingerprint, check_id, source_id, feed_id, clinic_id, raw, severity,
    state, version, opened_at, occurred_first, occurred_last, live_count, occurrences, first_samples, last_samples,
    owner_team_id, next_step_no, spell_no, taken_until, muted_at, muted_until, next_step_at)
SELECT 1000000 + n, decode(md5('open ' || n), 'hex'),
    (ARRAY['unmapped_status', 'late_event', 'batch_count', 'missing_patient'])[1 + n %% 4],
    p.source_id, f.id, p.clinic_id, 'Y' || n, 1 + n %% 3, s.state, 1, %(now)s - n * interval '1 second',
    %(now)s - n * interval '1 second', %(now)s - n %% 9000 * interval '1 minute', n %% 4, 1, '{}', '{}',
    f.owner_team_id, 0, 1,
    CASE WHEN s.state = 'taken' THEN %(now)s + n %% 1440 * interval '1 minute' END,
    CASE WHEN s.state = 'muted' THEN %(now)s - interval '1 day' END,
    CASE WHEN s.state = 'muted' THEN %(now)s + n %% 1440 * interval '1 minute' END,
    CASE WHEN s.state = 'open' THEN %(now)s + n %% 600 * interval '1 minute' END
FROM generate_series(1, %(number)s) AS n
CROSS JOIN LATERAL (
    SELECT (ARRAY['open', 'open', 'open', 'open', 'open', 'open', 'taken', 'muted', 'cleared_unseen', 'reopened'])
        [1 + n / 7 %% 10] AS state
) AS s
JOIN places p ON p.place = n %% (SELECT count(*) FROM places)
JOIN scheduling_feed f ON f.source_id = p.source_id
"""


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """One line; ``ms`` are medians of server time, ``act_seconds`` what 500 at once take, with their statements.

    ``floor`` is a bare view of the same fifty rows, which counts nothing.
    """
    seed(DATABASE, 1, folder / "unused")
    scratch.manage(DATABASE, "collectstatic", "--no-input")
    started, now = time.perf_counter(), datetime.now(UTC)
    with scratch.connect(DATABASE) as connection:
        build(connection, replace(sizes, appointments=VISITS, open_items=100, exceptions=100), now)
        connection.execute(_OPEN, {"now": now, "number": sizes.open_exceptions})
        settle(connection)
    made = time.perf_counter() - started
    (found,) = race([Child(DATABASE, "benchmarks.inbox_times", sizes.page_repeats)])
    yield {"name": "inbox", "making_seconds": round(made), **found, "repeats": sizes.page_repeats}
    scratch.drop(DATABASE)
