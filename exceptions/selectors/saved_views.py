"""The views a person has: their own and those shared with their teams."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from config.web.asking import Question, rows_of, written_once
from exceptions.models import DefaultView, SavedView

VIEWS, BEGINS = "saved views", "the view to begin with"
MOST_VIEWS = 100
# The value of ``view`` in an address that asks for none: not even the one a list opens with.
NO_VIEW = "0"


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One line of the menu of views."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ViewsMenu:
    """The menu of views; ``chosen`` is the name of the one in force or ""."""

    chosen: str
    links: list[ViewLink]


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One line of the page of views; ``team`` is with whom it is shared, ``by`` who keeps it."""

    pk: int
    name: str
    url: str
    team: str
    by: str
    is_own: bool
    is_default: bool


def usable_q(user: Any) -> Q:
    """Views that are the person's own or shared with a team of theirs."""
    return Q(person=user) | Q(team__in=user.teams.values("pk"))


def view_questions(user: Any) -> Mapping[str, Question]:
    """Ask for the person's views, and for the one that the list begins with."""

    def write() -> Mapping[str, Question]:
        views = SavedView.objects.filter(usable_q(user)).order_by("name", "id")
        return {
            VIEWS: rows_of(views.values("id", "name", "query")[:MOST_VIEWS]),
            BEGINS: rows_of(DefaultView.objects.filter(person=user).values("view_id")),
        }

    return written_once(("views of exceptions", user.pk), write)


def views_menu(request: HttpRequest, found: Mapping[str, Any]) -> ViewsMenu:
    """Read the answer to ``view_questions``."""
    asked, url = request.GET.get("view", ""), reverse("exceptions:list")
    links = [ViewLink("Everything open", f"{url}?view={NO_VIEW}", asked in ("", NO_VIEW))]
    links += [ViewLink(row["name"], view_url(row["id"], row["query"]), asked == str(row["id"])) for row in found[VIEWS]]
    return ViewsMenu(next((link.label for link in links[1:] if link.is_current), ""), links)


def view_url(pk: int, query: str) -> str:
    """The list with a view's filters; the view's id stays in the address, so that its name can be shown."""
    return f"{reverse('exceptions:list')}?view={pk}{'&' if query else ''}{query}"


def default_view_url(found: Mapping[str, Any]) -> str:
    """Where the person's list begins; "" where they chose no view, or where it is no longer shared with them."""
    chosen = {row["view_id"] for row in found[BEGINS]}
    return next((view_url(row["id"], row["query"]) for row in found[VIEWS] if row["id"] in chosen), "")


def saved_views(user: User) -> list[ViewLine]:
    """All views of the person by name; one query."""
    begins = Exists(DefaultView.objects.filter(person=user, view=OuterRef("pk")))
    views = SavedView.objects.filter(usable_q(user)).select_related("person", "team").annotate(is_default=begins)
    return [
        ViewLine(
            view.pk,
            view.name,
            view_url(view.pk, view.query),
            str(view.team or ""),
            str(view.person),
            view.person_id == user.pk,
            view.is_default,
        )
        for view in views[:MOST_VIEWS]
    ]
