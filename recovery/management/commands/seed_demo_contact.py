"""``manage.py seed_demo_contact``: what the demonstration says to patients, in which languages, and when it may."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.demo import load_contact


class Command(BaseCommand):
    """Safe to run again. It comes after ``seed_demo_plans``, which sets up people and clinics."""

    help = "Sets up approved wordings, contact policies and staff languages of the demonstration."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load them."""
        load_contact(now=timezone.now())
