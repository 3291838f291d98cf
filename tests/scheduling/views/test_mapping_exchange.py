"""Download and upload of a revision: who may, what is audited, what a bad file leads to."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from scheduling.mapping.exchange import MOST_BYTES
from scheduling.models import MappingRevision
from scheduling.selectors.revision_rows import read_rows
from tests.support.desk import RULES

EXPORT = "/mappings/desk/r1/export.csv"
IMPORT = "/mappings/desk/import/"


@pytest.fixture
def mapper(desk, person, signed_in):
    """A mapping admin of the source."""
    return signed_in(person(Role.MAPPING, source=desk.source))


def send(client, data, **fields):
    file = SimpleUploadedFile("rows.csv", data, content_type="text/csv")
    return client.post(IMPORT, {"file": file, "title": "From a file", **fields})


def test_an_export_is_a_file_and_an_audit_row(clients, desk):
    response = clients.card.get(EXPORT)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="mapping-desk-r1.csv"'
    assert len(response.content.decode().splitlines()) == 1 + len(RULES)
    row = AuditEntry.objects.get()
    assert (row.action, row.subject_kind, row.subjects) == (
        "exported", "scheduling.mappingrevision", [desk.published[0].pk],
    )  # fmt: skip
    assert row.detail == {"rules": len(RULES), "reasons": 0, "precedence": 0}


def test_what_was_downloaded_can_be_uploaded_and_is_shown_beside_what_it_came_from(mapper, desk, trail):
    first = desk.published[0]

    response = send(mapper, mapper.get(EXPORT).content, based_on=str(first.pk))

    draft = MappingRevision.objects.get(number=2)
    assert (response.status_code, response["Location"]) == (302, "/mappings/desk/compare/?a=1&b=2")
    assert (draft.state, draft.title, draft.based_on) == ("draft", "From a file", first)
    assert read_rows(draft) == read_rows(first)
    assert trail()[-1] == ("changed", "scheduling.mappingrevision", [draft.pk], [])


def test_without_an_origin_the_new_draft_is_shown(mapper):
    response = send(mapper, mapper.get(EXPORT).content)

    assert response["Location"] == "/mappings/desk/r2/"


def test_whoever_has_a_draft_open_is_told_before_and_after_that_it_stays(mapper):
    file = mapper.get(EXPORT).content
    assert "is open</b>" not in mapper.get(IMPORT).content.decode()
    send(mapper, file)

    before = mapper.get(IMPORT)
    after = mapper.get(send(mapper, file)["Location"])
    workbench = mapper.get("/mappings/?source=desk").content.decode()

    assert (before.context["mine"].revision.number, before.context["mine"].changes) == (2, 0)
    assert "Draft 2 is open" in before.content.decode()
    assert "Draft 2 of yours stays open." in after.content.decode()
    assert 'You also have <a href="?source=desk&amp;draft=2">draft 2</a> open' in workbench


def test_a_bad_file_is_answered_with_its_problems_by_line(mapper, trail):
    data = mapper.get(EXPORT).content.replace(b",missed,", b",<mist>,")

    response = send(mapper, data, title="Kept")

    html = response.content.decode()
    assert response.status_code == 422
    assert [problem.column for problem in response.context["refused"].problems] == ["status", "kind"]
    assert "“&lt;mist&gt;” is not known here" in html
    assert 'value="Kept"' in html
    assert MappingRevision.objects.count() == 1
    assert [row[0] for row in trail()] == ["exported"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe", "Save the file as"),
        (b"a\x00b", "NUL byte"),
        (b"", "The file is empty."),
        (b"x" * (MOST_BYTES + 1), "larger than 5 MB"),
    ],
    ids=["no UTF-8", "NUL", "empty", "too large"],
)
def test_what_is_no_such_file_is_refused(mapper, desk, data, said):
    response = send(mapper, data)

    assert response.status_code == 422
    assert said in response.content.decode()


def test_file_and_title_are_asked_for(mapper, desk):
    response = mapper.post(IMPORT, {"title": " "})

    assert response.status_code == 422
    assert response.context["form"].errors == {"file": ["Choose a file."], "title": ["Say what the draft is for."]}


def test_a_revision_of_another_source_is_no_origin(mapper, desk, other_source, person):
    foreign = MappingRevision.objects.create(
        source=other_source, number=1, title="x", author=person(), created_at="2026-01-01T00:00Z"
    )

    response = send(mapper, mapper.get(EXPORT).content, based_on=str(foreign.pk))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["based_on"]


@pytest.mark.parametrize("role", [Role.MAPPING, Role.INTEGRATION])
def test_mapping_admins_and_integration_owners_may_import(desk, person, signed_in, role):
    assert signed_in(person(role, source=desk.source)).get(IMPORT).status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.MAPPING, Role.INTEGRATION}])
def test_others_may_export_but_not_import(desk, person, signed_in, trail, role):
    reader = signed_in(person(role, source=desk.source))
    data = reader.get(EXPORT).content

    assert (reader.get(IMPORT).status_code, send(reader, data).status_code) == (403, 403)
    assert [row[:3] for row in trail()[1:]] == [("denied", "accounts.source", [desk.source.pk])] * 2
    assert MappingRevision.objects.count() == 1


def test_a_mapping_admin_of_one_clinic_does_not_import_for_the_source(desk, person, signed_in):
    client = signed_in(person(Role.MAPPING, clinic=desk.clinics["CARD"]))

    assert client.get(IMPORT).status_code == 403


@pytest.mark.parametrize("path", [EXPORT, IMPORT])
def test_a_stranger_gets_a_404_and_leaves_a_denied_row(clients, desk, trail, path):
    assert clients.stranger.get(path).status_code == 404
    assert trail() == [("denied", "accounts.source", [desk.source.pk], [])]


def test_a_revision_that_does_not_exist_cannot_be_exported(clients, desk):
    assert clients.whole.get("/mappings/desk/r9/export.csv").status_code == 404
