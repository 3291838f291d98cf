"""200,000 open exceptions: the inbox answers within ten queries, and what it counts is exact."""

import pytest
import time_machine
from django.db import connection

from accounts.models import Team
from accounts.vocabulary import Role
from exceptions.models import IntegrationException
from exceptions.vocabulary import Severity, State
from tests.support.cold import cold_get
from tests.support.desk import DAY, NOW
from tests.support.sizes import SIZES, share

MOST = 10
# Half are open, of which some come due within the hour; the others are taken, muted or cleared in equal parts.
COPY = """
INSERT INTO exceptions_integrationexception (fingerprint, check_id, source_id, clinic_id, raw, severity, state, version,
    opened_at, occurred_first, occurred_last, live_count, occurrences, first_samples, last_samples, owner_team_id,
    next_step_no, spell_no, muted_at, muted_until, taken_until, next_step_at)
SELECT decode(md5(n::text), 'hex'), one.check_id, one.source_id, one.clinic_id, 'Y' || n, 1 + n %% 3, s.state, 1,
    one.opened_at, one.occurred_first, one.occurred_last, n %% 4, 1, '{}', '{}', one.owner_team_id, 0, 1,
    CASE WHEN s.state = 'muted' THEN %(now)s - interval '1 day' END,
    CASE WHEN s.state = 'muted' THEN %(now)s + interval '2 days' END,
    CASE WHEN s.state = 'taken' THEN %(now)s + interval '2 days' END,
    CASE WHEN s.state = 'open' AND n %% 4 = 0 THEN %(now)s + interval '30 minutes' END
FROM exceptions_integrationexception one
CROSS JOIN generate_series(1, %(number)s) AS n
CROSS JOIN LATERAL (
    SELECT (ARRAY['open', 'open', 'open', 'taken', 'muted', 'cleared_unseen'])[1 + n %% 6] AS state
) AS s
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def fill(source, clinic):
    """Open so many exceptions of all states, copied from a closed one."""
    team = Team.objects.create(key="interfaces", name="Interfaces", is_catch_all=True)
    IntegrationException.objects.create(
        fingerprint=b"0" * 16, check_id="unmapped_status", source=source, clinic=clinic, severity=Severity.BLOCKING,
        state=State.RESOLVED, resolved_at=NOW - DAY, opened_at=NOW - 3 * DAY, occurred_first=NOW - 3 * DAY,
        occurred_last=NOW - 2 * DAY, owner_team=team,
    )  # fmt: skip

    def add(number):
        with connection.cursor() as cursor:
            cursor.execute(COPY, {"number": number, "now": NOW})
            cursor.execute("ANALYZE exceptions_integrationexception")

    return add


def counts(number):
    """What each split holds, by plain arithmetic over the rows of ``COPY``."""
    found = dict.fromkeys(("Blocking now", "Mine", "My team", "Nobody's", "Due in 1 h", "Cleared unseen"), 0)
    found |= {"Muted but firing": 0, "All": number, "Nobody's": number}
    for n in range(1, number + 1):
        is_live = n % 4 > 0
        found["Blocking now"] += 1 + n % 3 == Severity.BLOCKING and is_live
        found["Due in 1 h"] += n % 6 < 3 and not is_live
        found["Cleared unseen"] += n % 6 == 5
        found["Muted but firing"] += n % 6 == 4 and is_live
    return found


@pytest.mark.parametrize("is_full", SIZES)
def test_inbox_answers_within_ten_queries_and_counts_exactly(is_full, fill, person, signed_in, clinic):
    number = share(200_000) if is_full else 5_000
    user = person(Role.SUPERVISOR, Role.INTEGRATION, clinic=clinic)
    fill(number)
    with time_machine.travel(NOW, tick=False):
        listed, answer = cold_get(signed_in(user), "/exceptions/")
        newest = IntegrationException.objects.latest("pk")
        asked = {
            url: len(cold_get(signed_in(user), url)[0])
            for url in (
                "/exceptions/?split=due&sort=next",
                "/exceptions/?kind=unmapped_status&split=firing&sort=oldest",
                "/exceptions/?q=Y77",
                f"/exceptions/{newest.pk}/",
                "/live/exceptions/?since=0",
            )
        }

    assert {one.label: one.count.value for one in answer.context["splits"] if one.count is not None} == counts(number)
    assert answer.content.count(b"<tr data-row") == 50
    assert {url: many for url, many in {"/exceptions/": len(listed), **asked}.items() if many > MOST} == {}
