"""``manage.py checks``: the catalogue of checks."""

from argparse import ArgumentParser
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand

from exceptions.catalogue import CATALOGUE
from exceptions.checks.kinds import Check
from exceptions.vocabulary import Severity
from scheduling.vocabulary import Decision


class Command(BaseCommand):
    """Print every check: id, title, family, severity and the decisions it blocks."""

    help = "List the checks that can find something wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer JSON."""
        parser.add_argument("--json", action="store_true", help="one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django passes them
        """Print them in the order of the catalogue."""
        rows = [row(check) for check in CATALOGUE.values()]
        if options["json"]:
            self.stdout.write(dumps(rows, indent=2))
            return
        for line in rows:
            self.stdout.write(f"{line['id']:26} {line['severity']:9} {line['family']:10} {line['title']}")


def row(check: Check) -> dict[str, Any]:
    """Flatten one check; decisions in the order of the vocabulary."""
    return {
        "id": check.id,
        "title": check.title,
        "family": check.family.value,
        "severity": Severity(check.severity).name.lower(),
        "decisions": [decision.value for decision in Decision if decision in check.blocks],
    }
