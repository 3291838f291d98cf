"""``manage.py first_plans``: the catch-all team and the first escalation policies of an empty desk."""

from typing import Any

from django.core.management.base import BaseCommand

from exceptions.services.first_plans import make_first_plans


class Command(BaseCommand):
    """Part of every start; changes nothing where people have made policies."""

    help = "Makes the catch-all team and the first escalation policies where there are none."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make them, and say so."""
        if make_first_plans():
            self.stdout.write("Made the first escalation policies.")
