"""What the feeds page and the page of one feed print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from django.db.models import Count, IntegerField, Min, OuterRef, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from config.web import times
from config.web.svg import Gauge, gauge
from scheduling.freshness import FeedClocks, clocks_of
from scheduling.models import Extract, Feed, FeedProof, FeedSettings, MappedEvent, Message, Receipt, Waiting
from scheduling.panels import FeedCell, feed_columns
from scheduling.querysets import FeedQuerySet
from scheduling.selectors.feed_ledger import DAYS, LedgerView, ledger_view, messages_url, read_days
from scheduling.services.ledger import OUTCOMES, Line
from scheduling.vocabulary import MessageKind, Outcome

MOST_TROUBLES = 10
MOST_EXTRACTS = 10
MOST_VERSIONS = 5
MOST_COUNTED = 5_000  # held events of one feed looked at for the rail's number
_HELD_TUPLES = """(
    SELECT count(DISTINCT (h.mapping, h.trigger, h.filler_status, h.event_reason, h.appointment_reason,
        h.appointment_type, h.resource_status))
    FROM (
        SELECT * FROM scheduling_mappedevent e
        WHERE e.feed_id = scheduling_feed.id AND NOT e.mapping = 'mapped' LIMIT %s
    ) AS h
)"""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed: its two clocks, what waits, its ledger of today, and what upper floors say of it."""

    feed: Feed
    clocks: FeedClocks
    proof_gauge: Gauge | None
    content_gauge: Gauge | None
    waiting: int
    today: LedgerView
    cells: list[FeedCell | None]


def feed_rows(request: HttpRequest, feeds: Sequence[Any], *, now: datetime) -> list[FeedRow]:
    """Rows of feeds that came ``with_clocks``; one query, and one or so for each added column."""
    days = read_days([feed.pk for feed in feeds], today=now.astimezone(UTC).date())
    columns = [column.cells(request, list(feeds), now) for column in feed_columns()]
    return [
        _feed_row(
            feed,
            clocks(feed, now=now),
            [line for (pk, _), line in days.items() if pk == feed.pk],
            [cells.get(feed.pk) for cells in columns],
        )
        for feed in feeds
    ]


def _feed_row(feed: Any, ages: FeedClocks, lines: list[Line], cells: list[FeedCell | None]) -> FeedRow:
    return FeedRow(
        feed,
        ages,
        _gauge(ages, ages.proved_at, "Last proof"),
        _gauge(ages, ages.content_at, "Newest content"),
        feed.waiting,
        ledger_view(lines),
        cells,
    )


def with_clocks(feeds: FeedQuerySet) -> FeedQuerySet:
    """Feeds with their proof, how many of their messages wait and since when the oldest does; one query."""
    waiting = Waiting.objects.filter(feed=OuterRef("pk")).order_by().values("feed")
    whole = Extract.objects.filter(feed=OuterRef("pk"), finished_at__isnull=False).order_by("-taken_at")
    return feeds.select_related("proof").annotate(
        waiting=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0),
        extract_taken_at=Subquery(whole.values("taken_at")[:1]),
        waiting_since=Subquery(waiting.annotate(since=Min("received_at")).values("since")),
    )


def with_held_tuples(feeds: FeedQuerySet) -> FeedQuerySet:
    """Feeds with how many combinations of their raw signals have no clear meaning; looks at a bounded number."""
    held = RawSQL(_HELD_TUPLES, (MOST_COUNTED,), output_field=IntegerField())  # noqa: S611 - no value of a user in it
    return feeds.annotate(held_tuples=held)


def clocks(feed: Any, *, now: datetime) -> FeedClocks:
    """The clocks of a feed that came ``with_clocks``."""
    proof: FeedProof | None = getattr(feed, "proof", None)
    return clocks_of(
        feed.transport,
        digested_to=proof.digested_to if proof else None,
        heartbeat_at=proof.heartbeat_at if proof else None,
        extract_taken_at=feed.extract_taken_at,
        content_at=proof.newest_content_at if proof else None,
        waiting_since=feed.waiting_since,
        now=now,
    )


def _gauge(clocks: FeedClocks, moment: datetime | None, what: str) -> Gauge | None:
    if moment is None:
        return None
    age = max((clocks.now - moment).total_seconds(), 0)
    quiet, silent = (limit.total_seconds() for limit in clocks.limits)
    title = f"{what}: {times.span(age)} old, quiet after {times.span(quiet)}, silent after {times.span(silent)}"
    return gauge(age, quiet, silent, title=title)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One UTC day of one feed's ledger; each number opens its messages."""

    line: Line
    cells: list[tuple[str, int, str]]  # outcome, count, address
    received_url: str


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """A message that was rejected or failed."""

    receipt: Receipt

    @property
    def sentence(self) -> str:
        """Why, in plain words."""
        return self.receipt.sentence or str(Outcome(self.receipt.outcome).label)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Everything the page of one feed prints."""

    row: FeedRow
    days: list[DayLine]
    week: LedgerView
    troubles: list[TroubleLine]
    settings: list[FeedSettings]
    profile: str
    extracts: list[Extract]


def feed_page(request: HttpRequest, feed: Feed, *, now: datetime) -> FeedPage:
    """Fill the page of one feed; eight queries."""
    today = now.astimezone(UTC).date()
    days = read_days([feed.pk], today=today, days=DAYS)
    settings = list(
        FeedSettings.objects.filter(feed=feed).select_related("recorded_by").order_by("-id")[:MOST_VERSIONS]
    )
    profile = orjson.dumps(settings[0].profile if settings else {}, option=orjson.OPT_INDENT_2).decode()
    bad = Receipt.objects.filter(feed=feed, outcome__in=[Outcome.REJECTED, Outcome.FAILED])
    return FeedPage(
        feed_rows(request, [feed], now=now)[0],
        [_day_line(feed, days[key]) for key in sorted(days, reverse=True)],
        ledger_view(days.values()),
        [TroubleLine(receipt) for receipt in _seen(request.user, bad)],
        settings,
        profile,
        list(Extract.objects.filter(feed=feed).order_by("-taken_at")[:MOST_EXTRACTS]),
    )


def _seen(user: Any, receipts: Any) -> list[Receipt]:
    newest = list(receipts.order_by("-message_id")[:MOST_TROUBLES])
    seen = _seen_ids(user, [receipt.pk for receipt in newest])
    return [receipt for receipt in newest if receipt.pk in seen]


def _seen_ids(user: Any, message_ids: Sequence[int]) -> set[int]:
    return set(Message.objects.filter(pk__in=message_ids).visible_to(user).values_list("pk", flat=True))


def _day_line(feed: Feed, line: Line) -> DayLine:
    cells = [
        (str(outcome.label), line.outcomes[outcome], messages_url(feed.key, outcome, line.on)) for outcome in OUTCOMES
    ]
    return DayLine(line, cells, messages_url(feed.key, "", line.on))


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message in a feed's list; never its body."""

    message: Message
    outcome: Outcome
    about: str
    sentence: str
    url: str
    tone: str


def fates_of(message_ids: Sequence[int]) -> dict[int, tuple[Outcome, str, str]]:
    """Outcome, subject and sentence of each message; two queries. A message in neither table waits."""
    events = MappedEvent.objects.filter(message_id__in=message_ids, part=0).values_list(
        "message_id", "outcome", "appointment__external_id"
    )
    fates = {pk: (Outcome(outcome), f"Appointment {number}", "") for pk, outcome, number in events}
    for receipt in Receipt.objects.filter(pk__in=message_ids):
        about = str(MessageKind(receipt.kind).label)
        fates[receipt.pk] = (Outcome(receipt.outcome), about, receipt.sentence)
    return fates


def seen_by(user: Any, messages: Sequence[Message]) -> list[Message]:
    """Those of one page's messages that the person may see; one query."""
    seen = _seen_ids(user, [message.pk for message in messages])
    return [message for message in messages if message.pk in seen]


def messages_with(feed: Feed, outcome: str, on: date | None) -> Any:
    """Messages of a feed by outcome ("" for all) and UTC day, without their bodies."""
    found = Message.objects.filter(feed=feed).only("received_at", "control_id", "transport")
    window: dict[str, Any] = {}
    if on is not None:
        window = {"received_at__gte": day_bounds(on)[0], "received_at__lt": day_bounds(on)[1]}
    found = found.filter(**window)
    if outcome == Outcome.WAITING:
        return found.filter(pk__in=Waiting.objects.filter(feed=feed).values("pk"))
    if outcome in Outcome.values:
        events = MappedEvent.objects.filter(feed=feed, part=0, outcome=outcome, **window).values("message_id")
        receipts = Receipt.objects.filter(feed=feed, outcome=outcome, **window).values("pk")
        return found.filter(pk__in=events.union(receipts, all=True))
    return found


def day_bounds(on: date) -> tuple[datetime, datetime]:
    """First moment of a UTC day and of the next."""
    start = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return start, datetime.fromtimestamp(start.timestamp() + 86_400, UTC)
