"""``manage.py seed_demo_risk``: clinics of the demonstration that call people at risk, and their first decisions."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.demo_risk import load_risk


class Command(BaseCommand):
    """Safe to run again. It comes after ``seed_demo``, whose past the baseline counts."""

    help = "Switches on calling people at risk at some clinics of the demonstration, with a holdout."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load them."""
        load_risk(now=timezone.now())
