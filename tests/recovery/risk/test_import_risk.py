"""A table of scores is kept whole or not at all; the same again changes nothing. By command, by page, by post."""

import gzip
import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, Source
from accounts.vocabulary import AuditAction, Role
from recovery.models import RiskScore
from recovery.services.import_risk import OTHER_SCORE, SEVERAL, UNKNOWN, Taken, import_risk
from recovery.services.risk_tokens import give_risk_token
from recovery.tables import RowError
from recovery.views import risk_feed
from scheduling.models import Appointment
from tests.support.desk import NOW

HEAD = "visit,score,model,scored_at"
AT = "2026-11-24T05:00:00Z"
PAGE = "/recovery/risk/scores/"


@pytest.fixture
def visits(risky):
    return [risky.book("V1"), risky.book("V2")]


def table(*lines, head=HEAD):
    return "\n".join((head, *lines)).encode()


BOTH = table(f"V1,0.31,acme-3,{AT}", f"V2,0.07,acme-3,{AT}")
WRONG = table(f"V1,0.31,acme-3,{AT}", f"V9,0.07,acme-3,{AT}")


def kept():
    return list(RiskScore.objects.order_by("pk").values_list("appointment__external_id", "model", "score"))


def take(risky, body, now=NOW):
    return import_risk(risky.desk.source, body, actor=None, now=now)


def test_scores_are_kept_with_when_they_were_made_and_recorded(risky, visits):
    assert take(risky, BOTH) == Taken(added=2)

    assert kept() == [("V1", "acme-3", 0.31), ("V2", "acme-3", 0.07)]
    assert set(RiskScore.objects.values_list("recorded_at", flat=True)) == {NOW}
    row = AuditEntry.objects.filter(subject_kind="recovery.riskscore").get()
    assert (row.action, row.detail) == (
        AuditAction.CHANGED, {"source": "desk", "added": 2, "models": ["acme-3"]},
    )  # fmt: skip


def test_same_table_again_adds_nothing(risky, visits):
    take(risky, BOTH)

    assert take(risky, BOTH + b"\nV1,0.4,acme-3,2026-11-24T06:00:00Z") == Taken(added=1, known=2)


def test_one_wrong_line_keeps_nothing(risky, visits):
    assert take(risky, WRONG) == Taken(errors=(RowError(3, "visit", UNKNOWN),))

    assert kept() == []
    assert not AuditEntry.objects.filter(subject_kind="recovery.riskscore").exists()


def test_wrong_lines_of_every_kind_are_told_together(risky, visits):
    body = table(f"V1,2,acme-3,{AT}", f"V9,0.1,acme-3,{AT}", f",0.1,acme-3,{AT}")

    assert [(one.line, one.column) for one in take(risky, body).errors] == [(2, "score"), (3, "visit"), (4, "visit")]


@pytest.mark.parametrize("lines", [(f"V1,0.4,acme-3,{AT}",), (f"V2,0.1,acme-3,{AT}", f"V2,0.2,acme-3,{AT}")])
def test_another_score_of_one_moment_is_refused(risky, visits, lines):
    take(risky, table(f"V1,0.31,acme-3,{AT}"))

    assert [one.sentence for one in take(risky, table(*lines)).errors] == [OTHER_SCORE]
    assert kept() == [("V1", "acme-3", 0.31)]


def twin(visit, **named):
    """Another visit with the same id."""
    fields = {"source": visit.source, "external_id": visit.external_id, "said_at": NOW, "heard_at": NOW}
    return Appointment.objects.create(
        **(fields | {"namespace": "", "occurrence": "", "order_key": b"", "events": 1} | named)
    )


@pytest.mark.parametrize("name", ["namespace", "occurrence"])
def test_visit_that_is_not_named_in_full_is_not_guessed(risky, visits, name):
    other = twin(visits[0], **{name: "7"})
    assert [one.sentence for one in take(risky, table(f"V1,0.3,acme,{AT}")).errors] == [SEVERAL]

    assert take(risky, table(f"V1,0.3,acme,{AT},7", head=f"{HEAD},{name}")) == Taken(added=1)
    assert RiskScore.objects.get().appointment == other


def test_another_sources_visit_is_not_meant(risky, visits):
    elsewhere = Source.objects.create(key="lake", name="Lake", timezone="America/Denver", created_at=NOW)

    assert import_risk(elsewhere, BOTH, actor=None, now=NOW).added == 0


# By command


def command(*arguments):
    out = StringIO()
    call_command("import_risk", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_command_says_what_it_kept(visits, tmp_path):
    file = tmp_path / "scores.csv"
    file.write_bytes(BOTH)

    assert command("desk", file) == "Kept 2. Known before: 0.\n"
    assert json.loads(command("desk", file, "--json")) == {"added": 0, "known": 2, "errors": []}


@pytest.mark.parametrize(
    ("source", "body", "status", "sentence"),
    [
        ("desk", WRONG, 1, f"Nothing was kept.\nLine 3, visit: {UNKNOWN}"),
        ("desk", b"x", 2, "Columns missing: visit, score, model, scored_at."),
        ("nowhere", BOTH, 2, "There is no source nowhere."),
    ],
    ids=["wrong line", "no table", "no source"],
)
def test_command_fails_with_a_reason(visits, tmp_path, source, body, status, sentence):
    file = tmp_path / "scores.csv"
    file.write_bytes(body)

    with pytest.raises(CommandError) as failed:
        command(source, file)
    assert (failed.value.returncode, str(failed.value)) == (status, sentence)


# By post


@pytest.fixture
def token(risky):
    return give_risk_token(risky.desk.source, actor=None, now=NOW)


@pytest.fixture(autouse=True)
def _nobody_was_denied():
    risk_feed.denials_of_addresses = type(risk_feed.denials_of_addresses)(per_second=0.2, burst=20)


def post(client, body, token="", *, key="desk", kind="text/csv", **headers):
    return client.post(
        f"/scores/{key}/", body, content_type=kind, headers={"Authorization": f"Bearer {token}", **headers}
    )


def test_post_answers_what_was_kept(client, visits, token):
    answers = [post(client, BOTH, token), post(client, gzip.compress(BOTH), token, **{"Content-Encoding": "gzip"})]

    assert [(one.status_code, one.json()) for one in answers] == [
        (200, {"added": 2, "known": 0}), (200, {"added": 0, "known": 2}),
    ]  # fmt: skip
    assert len(kept()) == 2


def test_post_names_the_lines_that_are_wrong(client, visits, token):
    answer = post(client, WRONG, token)

    assert (answer.status_code, answer.json()) == (
        422,
        {
            "error": "Nothing was kept. Mend these lines.",
            "lines": [{"line": 3, "column": "visit", "error": UNKNOWN}],
        },
    )
    assert kept() == []


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"token": "wrong"}, 401),
        ({"token": ""}, 401),
        ({"key": "nowhere"}, 404),
        ({"kind": "application/json"}, 415),
        ({"body": b"visit\nV1\n"}, 400),
        ({"body": b" " * 4_000_001}, 413),
    ],
    ids=["wrong token", "no token", "no sender", "type", "no table", "size"],
)
def test_post_that_is_refused_keeps_nothing(client, visits, token, how, status):
    said = {"body": BOTH, "token": token} | how

    assert post(client, said.pop("body"), said.pop("token"), **said).status_code == status
    assert kept() == []


def test_new_token_ends_the_one_before_and_denials_are_on_the_audit_trail(client, risky, visits, token):
    out = StringIO()
    call_command("risk_token", "desk", stdout=out)

    assert [post(client, BOTH, one).status_code for one in (token, out.getvalue().strip())] == [401, 200]
    denied = AuditEntry.objects.get(action=AuditAction.DENIED)
    assert (denied.subject_kind, denied.subjects, denied.actor_id) == (
        "recovery.risksender", [risky.desk.source.pk], None,
    )  # fmt: skip


def test_guessing_tokens_is_slowed_down(client, visits, token):
    assert [post(client, BOTH, "x").status_code for _ in range(21)] == [401] * 20 + [429]


# By page


def upload(client, source, body=BOTH):
    return client.post(PAGE, {"source": source.pk, "file": SimpleUploadedFile("scores.csv", body)})


def test_page_takes_a_file(risky, visits, person, signed_in):
    client = signed_in(person(Role.LAUNCH, source=risky.desk.source))

    assert upload(client, risky.desk.source).status_code == 302
    assert len(kept()) == 2
    assert "Kept 2. Known before: 0." in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(WRONG, f"Line 3, visit: {UNKNOWN}"), (b"x", "Columns missing: visit, score, model, scored_at.")],
    ids=["wrong line", "no table"],
)
def test_page_says_what_is_wrong(risky, visits, person, signed_in, body, sentence):
    answer = upload(signed_in(person(Role.ADMIN)), risky.desk.source, body)

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert kept() == []


def test_whoever_has_a_single_clinic_sends_nothing(risky, visits, person, signed_in):
    client = signed_in(person(Role.LAUNCH, clinic=risky.clinic))

    assert [client.get(PAGE).status_code, upload(client, risky.desk.source).status_code] == [200, 403]


def test_another_sources_file_is_a_422(risky, visits, other_source, person, signed_in):
    client = signed_in(person(Role.LAUNCH, source=other_source))

    assert upload(client, risky.desk.source).status_code == 422


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.LAUNCH)])
def test_others_may_not_send(risky, visits, person, signed_in, role):
    client = signed_in(person(role, source=risky.desk.source))

    assert [client.get(PAGE).status_code, upload(client, risky.desk.source).status_code] == [403, 403]
