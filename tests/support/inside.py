"""What a test asks of a desk that runs in processes of its own: ``python -m tests.support.inside VERB …`` in its
environment.

``load SINCE`` sets the simulated group up and prints each feed's token, ``take BODIES`` stores pickled (feed key, body)
pairs and digests them undisturbed, ``show FILE`` pickles what the desk shows (``Shown``).
"""

import json
import pickle
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import django

django.setup()  # it is a program: nothing below can be imported before

from django.db import connection  # noqa: E402

from config.digesting import Digester  # noqa: E402
from scheduling.models import Feed, Message  # noqa: E402
from scheduling.services.intake import FeedRef, arrive, current_profile, store  # noqa: E402
from scheduling.services.ledger import read_ledger, totals  # noqa: E402
from scheduling.simulator.loader import simulator_token  # noqa: E402
from scheduling.vocabulary import FeedFormat, Transport  # noqa: E402
from tests.support.inbox import load_group  # noqa: E402
from tests.support.picture import picture  # noqa: E402


class Shown(NamedTuple):
    """A desk from outside. ``twice`` names what was applied more than once, ``broken`` ledger lines that do not add
    up."""

    picture: dict[str, list[tuple[Any, ...]]]
    digests: set[bytes]
    twice: list[tuple[Any, ...]]
    broken: list[str]
    outcomes: dict[str, int]


TWICE = """
SELECT 'message', message_id, part::int FROM scheduling_mappedevent GROUP BY 2, 3 HAVING count(*) > 1
UNION ALL
SELECT 'event', appointment_id, count(*)::int FROM scheduling_mappedevent GROUP BY appointment_id, order_key
HAVING count(*) > 1
UNION ALL
SELECT 'both', e.message_id, 0 FROM scheduling_mappedevent e JOIN scheduling_receipt r USING (message_id)
UNION ALL
SELECT 'count', a.id, a.events FROM scheduling_appointment a
WHERE a.events <> (SELECT count(*) FROM scheduling_mappedevent e WHERE e.appointment_id = a.id)
"""


def load(since: str) -> None:
    """Set the group up."""
    organisation = load_group(since=datetime.fromisoformat(since))
    json.dump({source.feed_key: simulator_token(source.feed_key) for source in organisation.sources}, sys.stdout)


def take(path: str) -> None:
    """Store and digest everything, one process, nothing in its way."""
    feeds = {feed.key: feed for feed in Feed.objects.all()}
    refs = {key: FeedRef(feed.pk, FeedFormat(feed.format), Transport(feed.transport)) for key, feed in feeds.items()}
    profiles = {key: current_profile(feed.pk) for key, feed in feeds.items()}
    now = datetime.now(UTC)
    bodies = pickle.loads(Path(path).read_bytes())
    for begin in range(0, len(bodies), 100):
        store([arrive(refs[key], body, profile=profiles[key], now=now) for key, body in bodies[begin : begin + 100]])
    Digester().drain()


def show(path: str, now: str) -> None:
    """Pickle what the desk shows; items whose time ends within an hour of ``now`` are left out."""
    lines = read_ledger()
    outcomes: dict[str, int] = {}
    for sums in totals(lines).values():
        for name, count in sums.items():
            outcomes[str(name)] = outcomes.get(str(name), 0) + count
    with connection.cursor() as cursor:
        cursor.execute(TWICE)
        twice = cursor.fetchall()
    shown = Shown(
        picture(useful_after=datetime.fromisoformat(now) + timedelta(hours=1)),
        {bytes(digest) for digest in Message.objects.values_list("digest", flat=True)},
        twice,
        [f"{line.feed} {line.on}" for line in lines if not line.adds_up],
        outcomes,
    )
    Path(path).write_bytes(pickle.dumps(tuple(shown)))


if __name__ == "__main__":
    VERBS: dict[str, Callable[..., None]] = {"load": load, "take": take, "show": show}
    VERBS[sys.argv[1]](*sys.argv[2:])
