"""What happened to an exception so far: its moves as sentences, its other spells, and the people they name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import Team, User
from config.web import times
from config.web.asking import Question, answers, rows_of
from exceptions.models import History, IntegrationException, Spell, WebhookEndpoint
from exceptions.vocabulary import Verb

SHOWN_HISTORY = 30
MOST_HISTORY = 500
SHOWN_SPELLS = 20
_CLOSING = (Verb.RESOLVE, Verb.CURED, Verb.CLEARED)
_NO_PERSON = {Verb.CURED: "A published mapping", Verb.CLEARED: "By itself"}
_PERSON = ("id", "first_name", "last_name", "username")


class Names(NamedTuple):
    """People, teams and other systems by id, as far as sentences name them."""

    people: Mapping[int, User]
    teams: Mapping[int, Team]
    systems: Mapping[int, str]

    def person(self, pk: int | None) -> str:
        """The name of a person; the system where there is none."""
        return str(self.people.get(pk, "Somebody")) if pk is not None else "The system"

    def someone(self, person: int | None, team: int | None) -> str:
        """A person, else a team, in the words of a sentence."""
        found = self.people.get(person or 0) or self.teams.get(team or 0)
        return str(found) if found is not None else "somebody"

    def everyone(self, people: Sequence[int], system: int | None = None) -> str:
        """All who were told as a list in a sentence: "Ada, Ben and Cleo"; "nobody" where nobody was."""
        names = [self.person(pk) for pk in people] + ([] if system is None else [self.system(system)])
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "nobody"

    def system(self, pk: int | None) -> str:
        """The name of another system."""
        return self.systems.get(pk or 0, "another system")


class Ids(NamedTuple):
    """Whose names are to be fetched."""

    people: frozenset[int]
    teams: frozenset[int]
    systems: frozenset[int]

    def plus(self, other: "Ids") -> "Ids":
        """Both together."""
        return Ids(self.people | other.people, self.teams | other.teams, self.systems | other.systems)


def ids_of(people: Iterable[Any] = (), teams: Iterable[Any] = (), systems: Iterable[Any] = ()) -> Ids:
    """Keep what is an id; a detail may say nothing, or hold something else."""
    return Ids(*(frozenset(pk for pk in group if isinstance(pk, int)) for group in (people, teams, systems)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history. ``url`` leads to what stands behind it, named by ``link``."""

    at: datetime
    text: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class SpellLine:
    """One earlier stretch during which it was open."""

    no: int
    opened_at: datetime
    cleared_at: datetime | None
    closed_at: datetime | None
    length: str
    closed_by: str
    reason: str


SENTENCES = {
    Verb.TAKE: "{who} took it.",
    Verb.RELEASE: "{who} let go of it.",
    Verb.ASSIGN: "{who} gave it to {whom}.",
    Verb.MUTE: "{who} muted it until {until}.",
    Verb.UNMUTE: "{who} ended the mute.",
    Verb.RESOLVE: "{who} closed it.",
    Verb.REOPEN: "{who} opened it again.",
    Verb.COMMENT: "{who} wrote:",
    Verb.ESCALATE: "{who} escalated it: {told} told.",
    Verb.WAIVE: "{who} accepted it until {until}; what it holds stays held.",
    Verb.UNWAIVE: "{who} ended the waiver: it counts again.",
    Verb.REROUTE: "{who} routed it again, to {whom}.",
    Verb.UNDO: "{who} took it back: {undone}.",
    Verb.OPENED: "Opened by the first finding.",
    Verb.REGRESSED: "Opened again: it happened after it was closed.",
    Verb.CAME_BACK: "Came back after it had cleared.",
    Verb.CLEARED: "Cleared by itself: nothing is held any more.",
    Verb.CURED: "Closed: a published mapping took the cause away.",
    Verb.MUTE_ENDED: "The mute ran out.",
    Verb.TAKE_ENDED: "{whom} had it for too long, so it is free again.",
    Verb.WAIVER_ENDED: "The waiver ran out.",
    Verb.TOLD: "The plan told {told}.",
    Verb.RECHECKED: "Still open after maintenance, so the next step is due.",
}


def history_question(exception: IntegrationException, most: int = SHOWN_HISTORY) -> Question:
    """Ask for the newest moves, and one more, so that it shows whether there are others."""
    rows = exception.history.values("id", "at", "verb", "actor_id", "reason", "detail", "replay_id")
    return rows_of(rows[: most + 1])


def spell_questions(exception: IntegrationException) -> dict[str, Question]:
    """Ask for the earlier spells, newest first, and for the moves that closed them."""
    if exception.spell_no == 1:
        return {"spells": Question(None, nothing=[]), "closings": Question(None, nothing=[])}
    spells = Spell.objects.filter(exception=exception, no__lt=exception.spell_no).order_by("-no")
    closings = History.objects.filter(exception=exception, verb__in=_CLOSING).order_by("-at")
    return {
        "spells": rows_of(spells.values("no", "opened_at", "cleared_at", "closed_at")[:SHOWN_SPELLS]),
        "closings": rows_of(closings.values("at", "verb", "actor_id", "reason")[: SHOWN_SPELLS + 1]),
    }


def ids_in(rows: Sequence[Mapping[str, Any]]) -> Ids:
    """Ids of all that some moves name."""
    details = [row["detail"] for row in rows]
    people = [row["actor_id"] for row in rows] + [detail.get("owner") for detail in details]
    told = [pk for detail in details for pk in detail.get("people", ())]
    return ids_of(
        people + told, [detail.get("team") for detail in details], [detail.get("endpoint") for detail in details]
    )


def names_of(ids: Ids) -> Names:
    """Fetch names; one query, none where nobody is named."""
    systems = WebhookEndpoint.objects.filter(pk__in=ids.systems).order_by()
    found = answers(
        {
            "people": rows_of(User.objects.filter(pk__in=ids.people).values(*_PERSON)),
            "teams": rows_of(Team.objects.filter(pk__in=ids.teams).order_by().values("id", "name")),
            "systems": rows_of(systems.values("id", "name")),
        }
    )
    return Names(
        {row["id"]: User(**row) for row in found["people"]},
        {row["id"]: Team(**row) for row in found["teams"]},
        {row["id"]: row["name"] for row in found["systems"]},
    )


def entries_of(rows: Sequence[Mapping[str, Any]], names: Names, zone: ZoneInfo, now: datetime) -> list[Entry]:
    """Tell moves in sentences, in the order of ``rows``."""
    return [
        Entry(
            datetime.fromisoformat(row["at"]),
            told(row, names, zone, now),
            row["reason"],
            reverse("scheduling:replay", args=[row["replay_id"]]) if row["replay_id"] else "",
        )
        for row in rows
    ]


def told(row: Mapping[str, Any], names: Names, zone: ZoneInfo, now: datetime) -> str:
    """Say what one move was."""
    detail, until, undone = row["detail"], row["detail"].get("until"), row["detail"].get("undone")
    return SENTENCES[Verb(row["verb"])].format(
        who=names.person(row["actor_id"]),
        whom=names.someone(detail.get("owner"), detail.get("team")),
        told=names.everyone(detail.get("people", ()), detail.get("endpoint")),
        undone=Verb(undone).label.lower() if undone in Verb else "the last move",
        until=times.clock(datetime.fromisoformat(until), zone, now) if until else "later",
    )


def spells_of(found: Mapping[str, Any], names: Names) -> list[SpellLine]:
    """Read the answers to ``spell_questions``."""
    closings = {row["at"]: row for row in found["closings"]}
    return [_spell(row, closings.get(row["closed_at"]), names) for row in found["spells"]]


def _spell(row: Mapping[str, Any], closing: Mapping[str, Any] | None, names: Names) -> SpellLine:
    opened_at = datetime.fromisoformat(row["opened_at"])
    cleared_at, closed_at = (
        datetime.fromisoformat(row[name]) if row[name] else None for name in ("cleared_at", "closed_at")
    )
    closed_by = _NO_PERSON.get(closing["verb"]) or names.person(closing["actor_id"]) if closing else ""
    return SpellLine(
        row["no"],
        opened_at,
        cleared_at,
        closed_at,
        times.span((closed_at - opened_at).total_seconds()) if closed_at else "",
        closed_by,
        closing["reason"] if closing else "",
    )
