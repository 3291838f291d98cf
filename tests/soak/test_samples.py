"""Every message others wrote: through intake and digestion, all accounted for, none failed."""

from pathlib import Path

import pytest
from django.conf import settings

from scheduling.facts import UnreadableMessageError
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import NOW

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples"
FOLDERS = {"hl7v2": FeedFormat.HL7V2, "fhir": FeedFormat.FHIR}

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")


def files(folder: str) -> list[Path]:
    return sorted(path for path in (SAMPLES / folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sample_is_accounted_for_and_none_fails(desk, folder):
    feed = desk.feed if folder == "hl7v2" else desk.feed_of(FOLDERS[folder], Transport.HTTP, {})
    ids: list[int] = []
    for path in files(folder):
        ids += desk.receive(path.read_bytes(), feed=feed, now=NOW)

    desk.settle(ids)

    counted = desk.ledger(feed)
    assert counted["received"] == len(ids) >= len(files(folder))
    assert counted.get("failed", 0) == counted.get("waiting", 0) == 0


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sample_sent_to_a_feed_of_another_format_is_accounted_for(desk, folder):
    """An interface engine that mixes its routes up."""
    other = desk.feed_of(FeedFormat.CSV, Transport.FILE, {}) if folder == "fhir" else desk.feed
    ids, refused = [], 0
    for path in files("fhir" if folder == "hl7v2" else "hl7v2"):
        try:
            ids += desk.receive(path.read_bytes(), feed=other, now=NOW)
        except UnreadableMessageError:
            refused += 1

    desk.settle(ids)

    counted = desk.ledger(other)
    assert (counted["received"], counted.get("failed", 0), refused) == (len(ids), 0, 0)
