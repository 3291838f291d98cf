"""``manage.py seed_demo_plans``: the demonstration's organisation, and who gets and who is told of its exceptions."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Source
from exceptions.demo import load_plans
from scheduling.simulator.demo import FIRST_SOURCE, PAST_DAYS, connected_at, organisation_since
from scheduling.simulator.loader import load_organisation


class Command(BaseCommand):
    """Safe to run again. It comes before ``seed_demo``, whose messages open exceptions by these rules."""

    help = "Sets up the demonstration organisation with routing rules, duties and escalation policies."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load the organisation as ``seed_demo`` does, then the plans."""
        now = timezone.now()
        source = Source.objects.filter(key=FIRST_SOURCE).first()
        since = source.created_at if source else connected_at(now, PAST_DAYS)
        load_organisation(organisation_since(since), connected_at=since, now=now)
        load_plans(now=now)
