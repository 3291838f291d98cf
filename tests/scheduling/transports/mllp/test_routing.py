"""Which feed a message belongs to."""

from zoneinfo import ZoneInfo

import pytest

from scheduling.transports.feeds import FeedEntry
from scheduling.transports.mllp.acknowledgement import AckMode, Verdict
from scheduling.transports.mllp.header import read_header
from scheduling.transports.mllp.routing import MAX_BYTES, MllpFeed, choose, mllp_feed
from scheduling.vocabulary import FeedFormat, Transport


def feed(key, profile=None, **mllp):
    entry = FeedEntry(
        1, key, FeedFormat.HL7V2, Transport.MLLP, ZoneInfo("UTC"), "", {"mllp": mllp} | (profile or {})
    )  # fmt: skip
    return mllp_feed(entry)


ANY = feed("any")
EPIC = feed("epic", sending_application="EPIC")
NORTH = feed("north", sending_application="EPIC", sending_facility="NORTH")
OWN_PORT = feed("own port", port=2600)


def header(application="EPIC", facility="NORTH"):
    return read_header(f"MSH|^~\\&|{application}|{facility}|\r".encode())


@pytest.mark.parametrize(
    ("feeds", "port", "sender", "chosen"),
    [
        ([ANY], 2575, header(), "any"),
        ([ANY, EPIC, NORTH], 2575, header(), "north"),
        ([ANY, EPIC, NORTH], 2575, header(facility="SOUTH"), "epic"),
        ([ANY, EPIC, NORTH], 2575, header("LIS"), "any"),
        ([ANY, EPIC], 2575, header("EPIC^1.2.3^ISO"), "epic"),
        ([EPIC, NORTH], 2575, header("LIS"), None),
        ([EPIC, NORTH], 2575, header("epic"), None),
        ([ANY, feed("another")], 2575, header(), None),
        ([ANY, OWN_PORT], 2600, header(), "own port"),
        ([ANY, OWN_PORT], 2575, header(), "any"),
        ([OWN_PORT], 2575, header(), None),
        ([], 2575, header(), None),
        ([EPIC], 2575, None, "epic"),
        ([EPIC, NORTH], 2575, None, None),
    ],
    ids=[
        "only one", "names most", "names one", "names none", "first component", "stranger", "case counts", "two alike",
        "own port", "other port", "no feed on port", "no feed", "no header, one feed", "no header, two feeds",
    ],
)  # fmt: skip
def test_feed_is_chosen_by_port_and_sender(feeds, port, sender, chosen):
    found = choose(feeds, port, sender)

    assert (found.entry.key if found else None) == chosen


def test_settings_have_defaults():
    assert feed("any") == MllpFeed(ANY.entry, None, "", "", MAX_BYTES, AckMode.AUTO, False, Verdict.REJECTED)


def test_feeds_own_limit_bounds_the_frames():
    assert feed("small", {"max_bytes": 1_000}, max_bytes=5_000).max_bytes == 1_000


@pytest.mark.parametrize("given", [{"ack_mode": "x"}, {"on_refusal": "AA"}, {"on_store_failure": "AA"}, {"port": "x"}])
def test_setting_that_cannot_be_used_raises(given):
    with pytest.raises((ValueError, KeyError)):
        feed("bad", **given)
