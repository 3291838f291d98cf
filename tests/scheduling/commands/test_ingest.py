"""``manage.py ingest`` and ``manage.py feed_token``."""

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import AuditEntry
from scheduling.models import Feed, FeedSettings, Message
from scheduling.transports.tokens import is_token
from scheduling.vocabulary import FeedFormat, Transport
from tests.conftest import NOW
from tests.scheduling.transport_cast import siu

pytestmark = pytest.mark.django_db
SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples"


@pytest.fixture
def feed(source):
    made = Feed.objects.create(
        source=source, key="north-siu", name="North", format=FeedFormat.HL7V2, transport=Transport.MLLP
    )
    FeedSettings.objects.create(feed=made, profile={"max_bytes": 5_000}, valid_from=NOW, recorded_at=NOW)
    return made


def ingest(*arguments):
    """(answer as printed, what went to stderr, exit status)."""
    out, err = io.StringIO(), io.StringIO()
    status: object = 0
    try:
        call_command("ingest", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        status = ended.code
    return out.getvalue(), err.getvalue(), status


def counts(**given):
    names = ("received", "applied", "superseded", "duplicate", "held", "rejected", "failed", "waiting")
    return {"feed": "north-siu"} | dict.fromkeys(names, 0) | given


def test_what_was_stored_waits_until_it_is_digested(feed, tmp_path):
    (tmp_path / "one.hl7").write_bytes(siu("M1") + siu("M2"))

    answer, _, status = ingest("north-siu", tmp_path / "one.hl7", "--json")

    assert (json.loads(answer), status) == (counts(received=2, waiting=2), 0)
    assert list(Message.objects.values_list("transport", flat=True)) == ["command", "command"]


def test_drain_says_where_each_message_ended(feed, tmp_path):
    (tmp_path / "one.hl7").write_bytes(siu("M1"))
    (tmp_path / "two.hl7").write_bytes(siu("M1"))
    (tmp_path / "three.hl7").write_bytes(b"nothing that HL7 knows")

    answer, _, status = ingest(
        "north-siu", *(tmp_path / f"{n}.hl7" for n in ("one", "two", "three")), "--json", "--drain"
    )

    found = json.loads(answer)
    assert (found["received"], found["duplicate"], found["rejected"], found["waiting"], status) == (3, 1, 1, 0, 0)
    assert found["received"] == sum(count for name, count in found.items() if name not in {"feed", "received"})


def test_folder_stands_for_its_finished_files_by_name(feed, tmp_path):
    for name in ("b.hl7", "a.hl7", ".hidden", "c.part"):
        (tmp_path / name).write_bytes(siu(name))

    ingest("north-siu", tmp_path)

    assert list(Message.objects.order_by("received_at").values_list("control_id", flat=True)) == ["a.hl7", "b.hl7"]


def test_file_that_cannot_be_read_fails_after_the_others_were_taken(feed, tmp_path):
    (tmp_path / "good.hl7").write_bytes(siu("M1"))
    (tmp_path / "large.hl7").write_bytes(siu("M2", pad=6_000))

    answer, said, status = ingest(
        "north-siu", tmp_path / "none", tmp_path / "large.hl7", tmp_path / "good.hl7", "--json"
    )

    assert (json.loads(answer), status) == (counts(received=1, waiting=1), 1)
    assert said.splitlines() == [
        f"{tmp_path}/none: It cannot be read (No such file or directory).",
        f"{tmp_path}/large.hl7: The body has 5,001 bytes; this feed takes 5,000.",
    ]


def test_standard_input_is_a_path_too(feed, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(siu("M1"))))

    assert json.loads(ingest("north-siu", "-", "--json")[0])["received"] == 1


def test_feed_that_does_not_exist_is_one_sentence(db):
    with pytest.raises(CommandError, match="There is no active feed 'none'"):
        call_command("ingest", "none", "x")


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples lie beside the checkout only where we develop")
@pytest.mark.parametrize(("format", "folder"), [(FeedFormat.HL7V2, "hl7v2"), (FeedFormat.FHIR, "fhir")])
def test_every_sample_is_accounted_for(source, format, folder):  # noqa: A002
    Feed.objects.create(source=source, key="samples", name="Samples", format=format, transport=Transport.FILE)
    files = [path for path in (SAMPLES / folder).iterdir() if path.is_file()]

    answer, said, status = ingest("samples", SAMPLES / folder, "--json", "--drain")

    found = json.loads(answer)
    assert status == 0, said
    assert found["received"] >= len(files)
    assert found["received"] == sum(count for name, count in found.items() if name not in {"feed", "received"})
    assert (found["failed"], found["waiting"]) == (0, 0)


def test_token_is_printed_once_and_kept_as_a_digest(feed):
    out = io.StringIO()

    call_command("feed_token", "north-siu", stdout=out)

    feed.refresh_from_db()
    token = out.getvalue().strip()
    assert len(token) == 43
    assert token not in feed.token_hash
    assert (is_token(feed.token_hash, token), is_token(feed.token_hash, "other"), is_token("", "")) == (
        True,
        False,
        False,
    )
    assert AuditEntry.objects.get().detail == {"field": "token_hash"}


def test_next_token_ends_the_one_before(feed):
    tokens = []
    for _ in range(2):
        out = io.StringIO()
        call_command("feed_token", "north-siu", stdout=out)
        tokens.append(out.getvalue().strip())

    feed.refresh_from_db()
    assert [is_token(feed.token_hash, token) for token in tokens] == [False, True]


def test_token_of_an_unknown_feed_names_those_there_are(feed):
    with pytest.raises(CommandError, match=r"There is no feed 'none'. Feeds: north-siu\."):
        call_command("feed_token", "none")
