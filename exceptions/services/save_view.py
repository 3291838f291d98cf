"""Keep, rename and drop the views of a list, and choose the one it opens with."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Team, User
from exceptions.errors import ExceptionMoveError
from exceptions.models import DefaultView, SavedView

MOST_OF_A_PERSON = 50


class ViewNameError(ExceptionMoveError):
    """A view cannot have this name, or there are too many; the text is fit for the screen."""


@transaction.atomic
def save_view(person: User, *, name: str, query: str, team: Team | None, begins: bool, now: datetime) -> SavedView:
    """Keep a filter; the same name again replaces the person's own view of that name.

    Raises:
        ViewNameError: the person has too many views.
    """
    own = SavedView.objects.filter(person=person)
    if own.exclude(name=name).count() >= MOST_OF_A_PERSON:
        raise ViewNameError(f"You have {MOST_OF_A_PERSON} views already. Delete one first.")
    view, _ = SavedView.objects.update_or_create(
        person=person, name=name, defaults={"query": query, "team": team, "saved_at": now}
    )
    if begins:
        begin_with(person, view)
    return view


def rename_view(view: SavedView, *, name: str) -> None:
    """Give a view another name.

    Raises:
        ViewNameError: its owner has one of that name.
    """
    try:
        with transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(name=name)
    except IntegrityError as error:
        raise ViewNameError("You have a view of that name already.") from error


def begin_with(person: User, view: SavedView | None) -> None:
    """Open the person's list with a view, or with everything."""
    if view is None:
        DefaultView.objects.filter(person=person).delete()
    else:
        DefaultView.objects.update_or_create(person=person, defaults={"view": view})
