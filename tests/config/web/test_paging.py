"""Pages by key and counts with a ceiling."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry, Clinic
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.paging import Count, Page, bounded_count, keyset_page
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
ORDER = ("-at", "-id")


@pytest.fixture
def entries():
    """Seven rows, three of them at the same moment."""
    for kind, minutes in zip("abbaabb", (0, 1, 2, 2, 2, 3, 4), strict=True):
        record(AuditAction.READ, actor=None, subject_kind=kind, subjects=[], now=NOW + timedelta(minutes=minutes))
    return list(AuditEntry.objects.order_by(*ORDER).values_list("pk", flat=True))


def walk(order, size, step, cursor=""):
    """Read pages in one direction until there is none; returns the pages' keys and the last page."""
    keys, page = [], keyset_page(AuditEntry.objects.all(), order=order, size=size, cursor=cursor)
    keys.append([row.pk for row in page.rows])
    while following := getattr(page, step):
        page = keyset_page(AuditEntry.objects.all(), order=order, size=size, cursor=following)
        keys.append([row.pk for row in page.rows])
    return keys, page


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize(
    "order",
    [ORDER, ("at", "id"), ("-at", "id"), ("subject_kind", "-at", "id")],
    ids=["newest", "oldest", "mixed", "three"],
)
def test_pages_hold_every_row_once_and_in_order(entries, size, order):
    keys, _ = walk(order, size, "next_cursor")

    assert sum(keys, []) == list(AuditEntry.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_way_back_shows_the_same_pages(entries, size):
    forward, last = walk(ORDER, size, "next_cursor")
    back, _ = walk(ORDER, size, "previous_cursor", last.previous_cursor)

    assert sum(reversed(back), []) == sum(forward[:-1], [])


def test_a_new_row_does_not_shift_the_next_page(entries):
    first = keyset_page(AuditEntry.objects.all(), order=ORDER, size=3)
    record(AuditAction.READ, actor=None, subject_kind="page", subjects=[], now=NOW + timedelta(hours=1))

    second = keyset_page(AuditEntry.objects.all(), order=ORDER, size=3, cursor=first.next_cursor)

    assert [row.pk for row in second.rows] == entries[3:6]


@pytest.mark.parametrize("cursor", ["rubbish", "WzAsMV0:1abc:xyz", ""], ids=["rubbish", "forged", "none"])
def test_a_cursor_that_is_none_of_ours_gives_the_first_page(entries, cursor):
    page = keyset_page(AuditEntry.objects.all(), order=ORDER, size=2, cursor=cursor)

    assert [row.pk for row in page.rows] == entries[:2]


def test_a_cursor_of_another_order_gives_the_first_page(entries):
    other = keyset_page(AuditEntry.objects.all(), order=("id",), size=2).next_cursor

    page = keyset_page(AuditEntry.objects.all(), order=ORDER, size=2, cursor=other)

    assert [row.pk for row in page.rows] == entries[:2]


def test_a_short_list_is_one_page(entries):
    assert keyset_page(AuditEntry.objects.all(), order=ORDER).is_only is True


def test_an_empty_list_is_an_empty_page():
    assert keyset_page(AuditEntry.objects.all(), order=ORDER) == Page([], "", "")


def test_order_may_follow_a_relation(clinic, other_clinic):
    rows = Clinic.objects.select_related("source")
    first = keyset_page(rows, order=("source__name", "id"), size=1)

    second = keyset_page(rows, order=("source__name", "id"), size=1, cursor=first.next_cursor)

    assert [first.rows, second.rows] == [[other_clinic], [clinic]]


def test_a_page_is_one_query(entries, django_assert_num_queries):
    with django_assert_num_queries(1):
        keyset_page(AuditEntry.objects.all(), order=ORDER, size=2)


@pytest.mark.parametrize(
    ("limit", "text"), [(6, "6+"), (7, "7"), (8, "7")], ids=["over the ceiling", "at the ceiling", "below"]
)
def test_a_count_stops_at_its_ceiling(entries, limit, text):
    assert str(bounded_count(AuditEntry.objects.all(), limit)) == text


def test_a_count_has_thousands_separators():
    assert (str(Count(10_000, is_capped=True)), bool(Count(0))) == ("10,000+", False)
