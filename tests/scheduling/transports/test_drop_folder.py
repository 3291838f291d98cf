"""The drop folder: whole files only, each once, none lost."""

import fcntl
import os
import signal
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from scheduling.models import Extract, FeedProof, Message
from scheduling.transports.drop_files import WORKING, claimed, is_finished, make_folders
from scheduling.transports.drop_folder import Watcher
from scheduling.transports.feeds import load_feed
from scheduling.vocabulary import FeedFormat
from tests.scheduling.transport_cast import running_command, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = b"appointment_id,patient_id\nV1,P1\nV2,P2\n"


@pytest.fixture
def feed(make_feed):
    make_feed("nightly", FeedFormat.CSV, max_bytes=10_000)
    return load_feed("nightly")


@pytest.fixture
def folder(tmp_path, feed):
    make_folders(tmp_path / feed.key)
    return tmp_path / feed.key


@pytest.fixture
def watcher(tmp_path):
    return Watcher(tmp_path)


def look_twice(watcher, feed):
    """Two looks: a file must be seen unchanged once before it is taken."""
    return [watcher.look([feed], now=timezone.now()) for _ in range(2)]


def names(folder):
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_file_is_stored_and_moved_to_done(watcher, feed, folder):
    (folder / "day.csv").write_bytes(ROWS)

    assert look_twice(watcher, feed) == [0, 2]
    assert names(folder) == ["done/day.csv"]
    assert list(Message.objects.values_list("transport", flat=True)) == ["file", "file"]


def test_file_name_and_time_reach_the_reader(make_feed, tmp_path):
    make_feed("full", FeedFormat.CSV, csv={"extract": "full", "taken_at_from": r"_(?P<taken_at>\d{12})\."})
    feed, watcher = load_feed("full"), Watcher(tmp_path)
    assert feed is not None
    watcher.look([feed], now=timezone.now())
    (tmp_path / "full" / "visits_202611240300.csv").write_bytes(ROWS)

    assert look_twice(watcher, feed) == [0, 2]
    # Without a zone of its own the time is the source's: 03:00 in Chicago.
    assert Extract.objects.get().taken_at.isoformat() == "2026-11-24T09:00:00+00:00"


def test_growing_file_waits(watcher, feed, folder):
    path = folder / "day.csv"
    path.write_bytes(ROWS[:30])
    assert watcher.look([feed], now=timezone.now()) == 0
    path.write_bytes(ROWS)
    assert watcher.look([feed], now=timezone.now()) == 0

    assert watcher.look([feed], now=timezone.now()) == 2


@pytest.mark.parametrize("name", [".day.csv", ".day.csv.part", "day.csv.part", "day.csv.tmp"])
def test_unfinished_names_are_left_alone(watcher, feed, folder, name):
    (folder / name).write_bytes(ROWS)

    assert look_twice(watcher, feed) == [0, 0]
    assert (names(folder), is_finished(name)) == ([name], False)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b" \n", "The file is empty.\n"),
        (b"x" * 10_001, "The body has 10,001 bytes; this feed takes 10,000.\n"),
    ],
    ids=["empty", "too large"],
)
def test_file_that_cannot_be_taken_is_rejected_with_its_reason(watcher, feed, folder, body, sentence):
    (folder / "day.csv").write_bytes(body)

    assert look_twice(watcher, feed) == [0, 0]
    assert names(folder) == ["rejected/day.csv", "rejected/day.csv.reason.txt"]
    assert (folder / "rejected" / "day.csv.reason.txt").read_text() == sentence
    assert Message.objects.count() == 0


def test_file_that_cannot_be_read_is_stored_and_rejected(make_feed, tmp_path):
    make_feed("api", FeedFormat.FHIR)
    feed, watcher = load_feed("api"), Watcher(tmp_path)
    assert feed is not None
    watcher.look([feed], now=timezone.now())
    (tmp_path / "api" / "one.json").write_bytes(b"{")

    look_twice(watcher, feed)

    assert names(tmp_path / "api") == ["rejected/one.json", "rejected/one.json.reason.txt"]
    assert [bytes(body) for body in Message.objects.values_list("body", flat=True)] == [b"{"]


def test_second_file_of_the_same_name_does_not_replace_the_first(watcher, feed, folder):
    for number in (1, 2):
        (folder / "day.csv").write_bytes(ROWS + f"V{number},P9\n".encode())
        look_twice(watcher, feed)

    assert len(names(folder)) == 2
    assert sum(path.read_bytes().count(b"P9") for path in (folder / "done").iterdir()) == 2


def test_link_is_not_followed(watcher, feed, folder, tmp_path):
    (tmp_path / "secret").write_bytes(ROWS)
    (folder / "day.csv").symlink_to(tmp_path / "secret")

    assert look_twice(watcher, feed) == [0, 0]


def test_file_that_another_watcher_has_is_left_to_it(watcher, feed, folder):
    (folder / "day.csv").write_bytes(ROWS)

    with claimed(folder / "day.csv", folder) as file:
        assert file is not None
        assert [path.name for path in (folder / WORKING).iterdir()] == [file.path.name]
        assert look_twice(watcher, feed) == [0, 0]


def test_file_opened_before_another_watcher_moved_it_is_not_taken_twice(feed, folder):
    path = folder / "day.csv"
    path.write_bytes(ROWS)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with claimed(path, folder) as file:
            assert file is None


def test_claimed_file_of_a_crashed_watcher_is_taken_again(watcher, feed, folder):
    (folder / "day.csv").write_bytes(ROWS)
    with claimed(folder / "day.csv", folder):
        pass  # the process ends here, before anything is stored

    assert watcher.look([feed], now=timezone.now()) == 2
    assert names(folder) == ["done/day.csv"]


def test_crash_between_commit_and_move_gives_duplicates_and_no_loss(watcher, feed, folder):
    (folder / "day.csv").write_bytes(ROWS)
    look_twice(watcher, feed)
    (folder / "done" / "day.csv").rename(folder / WORKING / "1.1.day.csv")  # as if it had not been moved

    assert watcher.look([feed], now=timezone.now()) == 2
    digests = [bytes(digest) for digest in Message.objects.values_list("digest", flat=True)]
    assert (len(digests), len(set(digests))) == (4, 2)


def test_file_stays_claimable_when_storing_fails(watcher, feed, folder):
    (folder / "day.csv").write_bytes(ROWS)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_message ADD CONSTRAINT none_at_all CHECK (false) NOT VALID")
    try:
        with pytest.raises(Exception, match="none_at_all"):
            look_twice(watcher, feed)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE scheduling_message DROP CONSTRAINT none_at_all")

    assert Message.objects.count() == 0
    assert watcher.look([feed], now=timezone.now()) == 2
    assert names(folder) == ["done/day.csv"]


def test_empty_look_is_no_proof_that_the_feed_is_current(watcher, feed, folder):
    look_twice(watcher, feed)

    assert FeedProof.objects.filter(heartbeat_at__isnull=False).count() == 0


def test_done_files_are_kept_for_a_month(watcher, feed, folder):
    now = timezone.now()
    for name, days in (("old.csv", 31), ("new.csv", 29)):
        path = folder / "done" / name
        path.write_bytes(ROWS)
        os.utime(path, ((now - timedelta(days=days)).timestamp(),) * 2)

    watcher.tidy([feed], now=now)

    assert names(folder) == ["done/new.csv"]


def test_two_watching_processes_killed_and_started_again_take_every_file(make_feed, tmp_path):
    make_feed("nightly", FeedFormat.CSV)
    folder = tmp_path / "drop" / "nightly"
    make_folders(folder)
    for number in range(60):
        (folder / f"{number}.csv").write_bytes(ROWS + f"V{number}x,P1\n".encode())
    command = ("watch_folder", "--seconds", "0.05")

    with (
        running_command(*command, DATA_DIR=str(tmp_path)) as first,
        running_command(*command, DATA_DIR=str(tmp_path)) as second,
    ):
        assert wait_for(lambda: Message.objects.count() > 30, 30)
        first.send_signal(signal.SIGKILL)
        second.send_signal(signal.SIGKILL)
    with running_command(*command, DATA_DIR=str(tmp_path)) as third:
        assert wait_for(lambda: len(list((folder / "done").iterdir())) == 60, 30)
        third.send_signal(signal.SIGTERM)
        assert third.wait(10) == 0

    assert sorted(names(folder)) == sorted(f"done/{number}.csv" for number in range(60))
    bodies = {bytes(body).rpartition(b"\n#")[2] for body in Message.objects.values_list("body", flat=True)}
    assert sum(b"x,P1" in body for body in bodies) == 60
