"""Lists hold what exceptions stop, exactly as rows and guard do, for any exception and any moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exceptions.catalogue import CATALOGUE
from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import Severity, State, SubjectKind
from recovery.decisions import QUEUE_DECISIONS
from recovery.models import QueueItem
from recovery.selectors.holds import blocks_of
from recovery.selectors.rows import facts_of
from recovery.trust import ClinicTrust, FeedTrust
from recovery.verdict import verdict, with_blocks
from recovery.vocabulary import Family, Level
from scheduling.decisions import HORIZONS
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.sizes import HEAVY

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
EDGES = sorted({edge for horizon in HORIZONS.values() for edge in horizon if edge})
VISITS, PEOPLE = (1, 2, 3), (1, 2, None)
# Every way of blocking: all work, some of it, nothing; a hold; a check that this version does not know.
KINDS = [*sorted({(tuple(sorted(one.blocks)), one.is_hold): one.id for one in CATALOGUE.values()}.values()), "dropped"]

items = st.lists(
    st.fixed_dictionaries(
        {
            "family": st.sampled_from(list(Family)),
            "starts_at": st.builds(
                lambda edge, off: NOW + edge + off, st.sampled_from(EDGES), st.sampled_from([-SECOND, 0 * HOUR, SECOND])
            ),
            "visit": st.sampled_from(VISITS),
            "person": st.sampled_from(PEOPLE),
            "level": st.sampled_from([Level.READY, Level.READY, Level.WARN, Level.HELD]),
        }
    ),
    min_size=3,
    max_size=9,
)
findings = st.lists(
    st.fixed_dictionaries(
        {
            "check": st.sampled_from(KINDS),
            "state": st.sampled_from([State.OPEN, State.OPEN, State.RESOLVED]),
            "is_waived": st.booleans(),
            "decision": st.sampled_from(["", "", *Decision.values]),
            "about": st.sampled_from([SubjectKind.APPOINTMENT, SubjectKind.PATIENT, SubjectKind.FEED]),
            "subject": st.sampled_from([1, 2, 3]),
        }
    ),
    max_size=6,
)


def store(drawn_items, drawn_findings, source, clinic):
    """Items and exceptions as drawn; ids of visits and people are only compared."""
    QueueItem.objects.all().delete()
    IntegrationException.objects.all().delete()
    QueueItem.objects.bulk_create(
        QueueItem(
            family=fields["family"], subject=str(number), source=source, clinic=clinic, appointment_id=fields["visit"],
            patient_id=fields["person"], starts_at=fields["starts_at"], minutes=30, cause="cancelled", lost_at=NOW,
            heard_at=NOW, ready_from=NOW, useful_until=NOW + HOUR, value=1, reach=1, risk=1, weight=1,
            level=fields["level"], reasons=[["no_mobile", int(fields["level"]), ""]] if fields["level"] else [],
            state="open", opened_at=NOW, version=1,
        )
        for number, fields in enumerate(drawn_items)
    )  # fmt: skip
    for number, fields in enumerate(drawn_findings):
        exception = IntegrationException.objects.create(
            fingerprint=number.to_bytes(16), check_id=fields["check"], source=source, clinic=clinic,
            severity=Severity.BLOCKING, state=fields["state"], opened_at=NOW, occurred_first=NOW, occurred_last=NOW,
            waived_until=NOW + HOUR if fields["is_waived"] else None,
            resolved_at=NOW if fields["state"] == State.RESOLVED else None,
        )  # fmt: skip
        Membership.objects.create(
            exception=exception, subject_kind=fields["about"], subject_id=fields["subject"],
            decision=fields["decision"], since=NOW,
        )  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=HEAVY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_items=items, drawn_findings=findings)
def test_lists_hold_what_the_rows_hold(source, clinic, drawn_items, drawn_findings):
    store(drawn_items, drawn_findings, source, clinic)
    live = dict.fromkeys(QUEUE_DECISIONS, LaunchMode.LIVE)
    trust = ClinicTrust(clinic.pk, "C", source.pk, "S", ZoneInfo("UTC"), FeedTrust(1, "f", "F", "", NOW), {}, live)
    stored = list(QueueItem.objects.all())
    blocks = blocks_of(stored, NOW)
    levels = {
        item.pk: with_blocks(verdict(facts_of(item, trust), NOW), blocks.get(item.pk, ())).level for item in stored
    }

    def of(*wanted):
        return {pk for pk, level in levels.items() if level in wanted}

    def pks(queryset):
        return set(queryset.values_list("pk", flat=True))

    objects = QueueItem.objects
    assert pks(objects.held([trust], NOW)) == of(Level.HELD)
    assert pks(objects.warned([trust], NOW)) == of(Level.WARN)
    assert pks(objects.ready([trust], NOW)) == of(Level.READY)
    assert pks(objects.workable([trust], NOW)) == of(Level.READY, Level.WARN)
