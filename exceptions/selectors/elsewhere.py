"""Open exceptions of the same kind and raw value at other places: one cause is often seen from several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from config.web.asking import Question, how_many, rows_of
from exceptions.models import IntegrationException
from exceptions.vocabulary import State

SHOWN = 5
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Twin:
    """The same at another place."""

    place: str
    url: str
    held: int
    state: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The first few, how many there are, and the list that shows them all."""

    twins: list[Twin]
    total: int
    url: str

    @property
    def words(self) -> str:
        """How many there are, counted no further than a hundred."""
        return f"{MOST_COUNTED}+" if self.total > MOST_COUNTED else str(self.total)


def elsewhere_questions(exception: IntegrationException, user: User) -> dict[str, Question]:
    """Ask for open exceptions with the same check and raw value in the person's scope, those that hold most first."""
    same = IntegrationException.objects.visible_to(user).unresolved()
    same = same.filter(check_id=exception.check_id, raw=exception.raw).exclude(pk=exception.pk)
    shown = same.order_by("-live_count", "id").values(
        "id", "state", "live_count", "source__name", "clinic__name", "feed__name"
    )
    return {"twins": rows_of(shown[:SHOWN]), "twin count": how_many(same, MOST_COUNTED)}


def elsewhere_of(exception: IntegrationException, found: Mapping[str, Any]) -> Elsewhere:
    """Read the answers to ``elsewhere_questions``."""
    query = urlencode({"kind": exception.check_id, **({"q": exception.raw} if exception.raw else {})})
    return Elsewhere(
        [_twin(row) for row in found["twins"]], found["twin count"], f"{reverse('exceptions:list')}?{query}"
    )


def _twin(row: Mapping[str, Any]) -> Twin:
    place = " · ".join(word for word in (row["clinic__name"] or row["feed__name"], row["source__name"]) if word)
    url = reverse("exceptions:detail", args=[row["id"]])
    return Twin(place, url, row["live_count"], str(State(row["state"]).label).lower())
