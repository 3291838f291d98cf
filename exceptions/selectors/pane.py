"""One exception beside the list: what happened, why it matters, what to do, evidence, history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import BinaryField, F, Func, Value

from accounts.models import Team, User
from config.web import times
from config.web.asking import answers, rows_of
from config.web.masking import Part, mask_hl7
from config.web.svg import Bar, at
from exceptions.checks.kinds import Check
from exceptions.lifecycle import verbs_for
from exceptions.models import History, IntegrationException
from exceptions.selectors.impact import Impact, impact, zone_of
from exceptions.vocabulary import Severity, Verb
from exceptions.words import TONES, blocks_words, decision_words
from scheduling.models import Feed, Message
from scheduling.vocabulary import FeedFormat

SHOWN_HISTORY = 30
SHOWN_SAMPLES = 5
MOST_SHOWN_BYTES = 8192
# What a page may show of a message; the rest of a long one stays where it is.
HEAD = Func(F("body"), Value(1), Value(MOST_SHOWN_BYTES), function="substring", output_field=BinaryField())


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    at: datetime
    text: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A message in evidence. ``lines`` are its masked text, of the newest HL7 message only."""

    message: Message
    lines: list[list[Part]]

    @property
    def url(self) -> str:
        """The message's own page."""
        return self.message.get_absolute_url()


@dataclass(frozen=True, slots=True)
class HourBar:
    """A column of the chart with the texts above and below it."""

    bar: Bar
    x: str
    top: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Pane:
    """Everything the pane prints."""

    exception: IntegrationException
    kind: Check
    zone: ZoneInfo
    impact: Impact
    bars: list[HourBar]
    samples: list[Sample]
    history: list[Entry]
    verbs: list[Verb]
    is_mine: bool

    @property
    def since(self) -> datetime:
        """Since when it stands where it stands; the clock of its spell runs from the opening."""
        return self.exception.resolved_at or self.exception.taken_at or self.exception.opened_at

    @property
    def tone(self) -> str:
        """The tone of the verdict line."""
        if self.exception.is_resolved or not self.kind.blocks:
            return "idle"
        return TONES[Severity(self.exception.severity)] if self.exception.live_count else "idle"

    @property
    def word(self) -> str:
        """How much it blocks now."""
        if self.exception.is_resolved:
            return "Closed"
        return blocks_words(self.exception.blocks) if self.exception.live_count else "Blocks nothing now"

    @property
    def sentence(self) -> str:
        """What it blocks now."""
        if self.exception.is_resolved or not self.exception.live_count:
            return "No visit waits for it." if self.kind.blocks else "It tells about messages, not about visits."
        return decision_words(self.exception.blocks)

    @property
    def why(self) -> str:
        """Why its team owns it."""
        feed, team = self.exception.feed, self.exception.owner_team
        if team is None:
            return "No team owns it."
        if feed is not None and feed.owner_team_id == team.pk:
            return f"{team} owns the feed {feed}."
        if team.key == self.kind.owner:
            return f"{self.kind.family.label} problems of this kind go to {team}."
        return f"{team} looks after what no other team is named for." if team.is_catch_all else f"Given to {team}."


def exception_pane(exception: IntegrationException, *, user: User, now: datetime) -> Pane:
    """Fill the pane; ``exception`` comes scoped and with its places. Five queries at most."""
    cost = impact(exception, now)
    return Pane(
        exception,
        exception.kind,
        zone_of(exception),
        cost,
        hour_bars(cost.first_day_hours),
        samples_of(exception, user),
        history_of(exception, now),
        verbs_for(exception.state),
        exception.owner_id == user.pk,
    )


def hour_bars(hours: list[tuple[str, int]]) -> list[HourBar]:
    """Lay out held visits by the hour in 372 x 94 units; the axis stands at 76."""
    top = max([count for _, count in hours], default=0) or 1
    step = 350 / max(len(hours), 1)
    width = min(22.0, step * 0.6)
    bars = []
    for place, (label, count) in enumerate(hours):
        middle, height = 14 + step * (place + 0.5), 54 * count / top
        bar = Bar(at(middle - width / 2), at(76 - height), at(width), at(height), "bar bar--held")
        bars.append(HourBar(bar, at(middle), at(70 - height), count, label))
    return bars


def samples_of(exception: IntegrationException, user: User) -> list[Sample]:
    """Fetch the newest messages in evidence that the person may see; only the first shows its text."""
    ids = list(dict.fromkeys([*reversed(exception.last_samples), *exception.first_samples]))[:SHOWN_SAMPLES]
    if not ids:
        return []
    found = Message.objects.filter(pk__in=ids).visible_to(user).select_related("feed").defer("body").annotate(head=HEAD)
    messages = sorted(found, key=lambda message: (message.received_at, message.pk), reverse=True)
    return [
        Sample(message, masked_lines(message.feed, message.head, exception.raw) if n == 0 else [])  # type: ignore[attr-defined]  # annotated
        for n, message in enumerate(messages)
    ]


def masked_lines(feed: Feed, head: bytes, raw: str) -> list[list[Part]]:
    """Mask an HL7 message and underline the words of the culprit; other formats are shown on their own page."""
    if feed.format != FeedFormat.HL7V2:
        return []
    text = bytes(head).decode("utf-8", "replace")
    return mask_hl7(text, culprits=frozenset(raw.split()))


def named_in(rows: Sequence[History]) -> tuple[dict[int, User], dict[int, Team]]:
    """The people and teams to whom it was handed, by id; one query, none where it never was."""
    owners = {row.detail["owner"] for row in rows if row.detail.get("owner")}
    teams = {row.detail["team"] for row in rows if row.detail.get("team")}
    found = answers(
        {
            "people": rows_of(User.objects.filter(pk__in=owners).values("id", "first_name", "last_name", "username")),
            "teams": rows_of(Team.objects.filter(pk__in=teams).order_by().values("id", "name")),
        }
    )
    return {row["id"]: User(**row) for row in found["people"]}, {row["id"]: Team(**row) for row in found["teams"]}


def history_of(exception: IntegrationException, now: datetime) -> list[Entry]:
    """Tell the last moves, newest first, in sentences."""
    rows = list(exception.history.select_related("actor")[:SHOWN_HISTORY])
    people, teams = named_in(rows)
    zone = zone_of(exception)
    return [Entry(row.at, told(row, people, teams, zone, now), row.reason) for row in rows]


SENTENCES = {
    Verb.TAKE: "{who} took it.",
    Verb.RELEASE: "{who} let go of it.",
    Verb.ASSIGN: "{who} gave it to {whom}.",
    Verb.MUTE: "{who} muted it until {until}.",
    Verb.UNMUTE: "{who} ended the mute.",
    Verb.RESOLVE: "{who} closed it.",
    Verb.REOPEN: "{who} opened it again.",
    Verb.COMMENT: "{who} wrote:",
    Verb.OPENED: "Opened by the first finding.",
    Verb.REGRESSED: "Opened again: it happened after it was closed.",
    Verb.CAME_BACK: "Came back after it had cleared.",
    Verb.CLEARED: "Cleared by itself: nothing is held any more.",
    Verb.CURED: "Closed: a published mapping took the cause away.",
    Verb.MUTE_ENDED: "The mute ran out.",
}


def told(row: History, people: dict[int, User], teams: dict[int, Team], zone: ZoneInfo, now: datetime) -> str:
    """Say what one history row records."""
    whom = people.get(row.detail.get("owner", 0)) or teams.get(row.detail.get("team", 0)) or "somebody"
    until = row.detail.get("until")
    return SENTENCES[Verb(row.verb)].format(
        who=row.actor or "The system",
        whom=whom,
        until=times.clock(datetime.fromisoformat(until), zone, now) if until else "",
    )
