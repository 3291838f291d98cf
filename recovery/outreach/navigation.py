"""The place of replies and messages in the rail."""

from django.http import HttpRequest

from config.web.asking import MOST_OF_SPLIT, Question, capped, how_many
from config.web.navigation import NavCount, NavItem, Tally, register
from recovery.models import Reply
from recovery.navigation import WORKERS


def ask_replies(request: HttpRequest) -> Question:
    """How many replies wait for somebody in the person's clinics."""
    return how_many(Reply.objects.visible_to(request.user).to_answer(), MOST_OF_SPLIT)


def tell_replies(number: int) -> NavCount | None:
    """The bounded number; none for nothing."""
    return NavCount(str(capped(number, MOST_OF_SPLIT))) if number else None


def register_places() -> None:
    """Add the place; called once when Django is ready."""
    waiting = Tally("replies", ask_replies, tell_replies)
    register(
        NavItem("Work", "Replies", "outreach:replies", WORKERS, count=waiting, order=24, also=("outreach:messages",))
    )
