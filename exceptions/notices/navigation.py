"""What notices add to the rail."""

from django.http import HttpRequest

from config.web.asking import MOST_OF_SPLIT, Question, capped, how_many
from config.web.navigation import NavCount, NavItem, Tally, register
from exceptions.models import Notice


def ask_unread(request: HttpRequest) -> Question:
    """How many notices the person has not read."""
    return how_many(Notice.objects.visible_to(request.user).unread(), MOST_OF_SPLIT)


def tell_unread(number: int) -> NavCount | None:
    """The bounded number; none for nothing."""
    return NavCount(f"{capped(number, MOST_OF_SPLIT)} new") if number else None


def register_places() -> None:
    """Add the place; called once when Django is ready."""
    unread = Tally("notices", ask_unread, tell_unread)
    register(NavItem("Work", "Notices", "notices:list", count=unread, order=50, key="n"))
