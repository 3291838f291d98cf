"""``manage.py seed_demo_waitlist``: who may move what in the demonstration, and who waits for a sooner visit."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.demo_rules import load_rules, load_waitlist


class Command(BaseCommand):
    """Safe to run again. It comes after ``seed_demo``, whose visits people wait to have sooner."""

    help = "Sets up visit-type rules and a waitlist of the demonstration."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load them."""
        now = timezone.now()
        load_rules(now=now)
        load_waitlist(now=now)
