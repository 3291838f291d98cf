"""The page of results and its files: who sees what, which days, exactly the filtered view."""

import csv
import io
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from recovery.metrics.definitions import FIGURES
from recovery.models import QueueItem
from tests.recovery.refills import SLOT_AT, make_refill
from tests.support.desk import DAY

OVER = SLOT_AT + DAY
URL = "/recovery/metrics/"
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(OVER, tick=False):
        yield


@pytest.fixture
def refill(desk):
    """One slot of Card that stayed empty."""
    return make_refill(desk)


@pytest.fixture
def client(refill, signed_in):
    return signed_in(refill.ruth)


def shown(answer):
    """The figures of a page by id, in words."""
    return {row.figure.id: row.figure.measure.words for group in answer.context["groups"] for row in group.rows}


def test_page_tells_every_figure_with_its_counts(client):
    answer = client.get(URL)

    assert answer.status_code == 200
    assert list(shown(answer)) == list(FIGURES)
    assert shown(answer)["slots_lost"] == "1 of 1"
    assert "Sat 31 Oct 2026 to Fri 27 Nov 2026, 2 clinics." in answer.content.decode()


def test_figure_opens_with_its_definition_its_weeks_and_what_is_behind(client, refill):
    text = client.get(f"{URL}?figure=lost_not_worked&kind=refill").content.decode()

    definition = FIGURES["lost_not_worked"]
    assert definition.counts in text
    assert f'href="/recovery/{refill.item.pk}/"' in text
    assert "Week by week" in text


def test_figure_with_exceptions_links_to_them(client):
    assert 'href="/exceptions/?kind=silent_feed"' in client.get(f"{URL}?figure=lost_stale_data").content.decode()


def test_every_figure_opens(client):
    opened = [client.get(URL, {"figure": figure, "days": "364"}).context["pane"] for figure in FIGURES]

    assert [pane.row.figure.id for pane in opened] == list(FIGURES)
    assert [len(pane.weeks) for pane in opened if pane.weeks] == [53] * sum(bool(pane.weeks) for pane in opened)


def test_filters_narrow_what_is_counted(client, refill):
    clinics = refill.desk.clinics

    def lost(**asked):
        return shown(client.get(URL, asked))["slots_lost"]

    assert lost(clinic=clinics["CARD"].pk) == "1 of 1"
    assert lost(clinic=clinics["DERM"].pk) == "none yet"
    assert lost(source=refill.desk.source.pk) == "1 of 1"
    assert lost(since="2026-11-26", until="2026-11-26") == "1 of 1"
    assert lost(since="2026-11-27") == "none yet"
    assert lost(until="2026-11-25") == "none yet"
    assert "slots_lost" not in shown(client.get(URL, {"kind": "rebook_missed"}))


def test_notice_asked_for_narrows_the_fill_rate_alone(client):
    """The slot was given back 49 hours ahead."""
    found = shown(client.get(URL, {"notice": "72"}))

    assert (found["slots_completed"], found["slots_lost"]) == ("none yet", "1 of 1")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"since": "2026-11-20", "until": "2026-11-19"}, "The first day is after the last."),
        ({"since": "2025-11-20", "until": "2026-11-21"}, "Choose at most 366 days."),
        ({"since": "soon"}, "Choose dates as year-month-day, such as 2026-11-24."),
    ],
    ids=["backwards", "too long", "no date"],
)
@pytest.mark.parametrize("path", ["", "results.csv", "results.xlsx"], ids=["page", "csv", "xlsx"])
def test_days_that_make_no_period_are_refused(client, path, asked, sentence):
    answer = client.get(f"{URL}{path}", asked)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not AuditEntry.objects.filter(action="exported").exists()


@pytest.mark.parametrize("role", [Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN, Role.AUDITOR])
def test_people_see_the_clinics_of_their_role(refill, person, signed_in, role):
    own = signed_in(person(role, clinic=refill.desk.clinics["CARD"]))
    other = signed_in(person(role, clinic=refill.desk.clinics["DERM"]))

    assert shown(own.get(URL))["slots_lost"] == "1 of 1"
    assert shown(other.get(URL))["slots_lost"] == "none yet"
    assert other.get(URL, {"clinic": refill.desk.clinics["CARD"].pk}).context["groups"] == []


@pytest.mark.parametrize("role", [Role.INTEGRATION, Role.MAPPING])
def test_others_are_refused(refill, person, signed_in, role):
    client = signed_in(person(role, source=refill.desk.source))

    assert [client.get(f"{URL}{path}").status_code for path in ("", "results.csv", "results.xlsx")] == [403] * 3


def test_another_role_in_a_clinic_shows_none_of_its_numbers(refill, person, signed_in):
    user = person(Role.INTEGRATION, clinic=refill.desk.clinics["CARD"])
    user.grants.create(role=Role.ACCESS, clinic=refill.desk.clinics["DERM"])

    assert shown(signed_in(user).get(URL))["slots_lost"] == "none yet"


def test_auditor_reads_ids_without_a_way_into_the_queue(refill, person, signed_in):
    text = signed_in(person(Role.AUDITOR)).get(f"{URL}?figure=slots_lost").content.decode()

    assert f"Refill {refill.item.pk}" in text
    assert f'href="/recovery/{refill.item.pk}/"' not in text


def test_test_clinics_are_left_out(client, refill):
    card = refill.desk.clinics["CARD"]
    card.is_test = True
    card.save()

    assert shown(client.get(URL))["slots_lost"] == "none yet"


def test_page_asks_few_questions_whatever_the_number_of_rows(client, refill, django_assert_max_num_queries):
    for number in range(3):
        refill.add(20 + number)
    with django_assert_max_num_queries(30):
        client.get(f"{URL}?figure=slots_lost")


# Files


def sheets(answer):
    """The sheets of a workbook as rows of texts, read from its XML."""
    book = ZipFile(io.BytesIO(answer.content))
    texts = ["".join(one.itertext()) for one in ET.fromstring(book.read("xl/sharedStrings.xml"))]
    names = [one.attrib["name"] for one in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{CELL}sheet")]
    found = {}
    for number, name in enumerate(names, start=1):
        root = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        assert [*root.iter(f"{CELL}f")] == []
        found[name] = [[_text(cell, texts) for cell in row] for row in root.iter(f"{CELL}row")]
    return found


def _text(cell, texts):
    value = cell.find(f"{CELL}v")
    if value is None or value.text is None:
        return ""
    return texts[int(value.text)] if cell.attrib.get("t") == "s" else value.text


def table(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_is_the_filtered_view(client, refill):
    asked = {"kind": "refill", "clinic": refill.desk.clinics["CARD"].pk}
    page = shown(client.get(URL, asked))
    rows = table(client.get(f"{URL}results.csv", asked))

    assert {row["Figure"]: row["Shown as"] for row in rows if row["Table"] == "Figures"} == page
    assert [row["Chosen"] for row in rows if row["Filter"] == "Clinics"] == ["Card"]
    assert [
        (row["Item"], row["Kind"], row["Day"], row["What became of it"]) for row in rows if row["Table"] == "Chances"
    ] == [(str(refill.item.pk), "Refill", "2026-11-26", "Not worked in time")]


def test_workbook_is_the_same_view(client, refill):
    asked = {"kind": "refill"}
    rows = table(client.get(f"{URL}results.csv", asked))
    book = sheets(client.get(f"{URL}results.xlsx", asked))

    assert list(book) == ["Filter", "Figures", "Weeks", "Chances", "Definitions"]
    assert {name: len(lines) - 1 for name, lines in book.items()} == {
        name: sum(row["Table"] == name for row in rows) for name in book
    }
    assert {line[0]: line[3] for line in book["Figures"][1:]} == shown(client.get(URL, asked))


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+1", "-1", '=HYPERLINK("http://x")'])
def test_names_of_clinics_never_become_formulas(client, refill, name):
    card = refill.desk.clinics["CARD"]
    card.name = name
    card.save()

    rows = table(client.get(f"{URL}results.csv"))
    assert [row["Clinic"] for row in rows if row["Table"] == "Chances"] == [f"'{name}"]
    book = sheets(client.get(f"{URL}results.xlsx"))
    assert [line[2] for line in book["Chances"][1:]] == [name]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_stands_in_the_trail_and_names_nobody(client, refill, kind):
    answer = client.get(f"{URL}results.{kind}", {"kind": "refill", "figure": "slots_lost"})
    body = b"".join(answer.streaming_content) if answer.streaming else str(sheets(answer)).encode()

    [entry] = AuditEntry.objects.filter(action="exported")
    assert (entry.actor, entry.patients) == (refill.ruth, [])
    assert (entry.detail["as"], entry.detail["filter"], entry.detail["rows"]["Chances"]) == (
        kind,
        {"kind": "refill"},
        1,
    )
    assert [name for name in (b"Quill", b"Ada", b"P-1", b"N-1", b"312555") if name in body] == []
    assert answer["Content-Disposition"] == f'attachment; filename="results-20261031-20261127.{kind}"'
    assert answer["Cache-Control"] == "no-store"


def test_export_of_other_clinics_has_no_chances(refill, person, signed_in):
    client = signed_in(person(Role.SUPERVISOR, clinic=refill.desk.clinics["DERM"]))

    assert [row for row in table(client.get(f"{URL}results.csv")) if row["Table"] == "Chances"] == []
    assert QueueItem.objects.exists()
