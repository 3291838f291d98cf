"""``manage.py demo_logins``: the sign-ins of the demonstration, one per role."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Source, User
from scheduling.simulator.cast import DOMAIN, PASSWORD, PEOPLE, Person


class Command(BaseCommand):
    """Prints nothing but a sentence where the demonstration was not set up."""

    help = "Prints the demonstration's sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Print e-mail, role and scope of everybody who can sign in, and the password they share."""
        known = set(
            User.objects.filter(username__endswith=f"@{DOMAIN}", is_active=True).values_list("username", flat=True)
        )
        present = [person for person in PEOPLE if person.email in known]
        if not present:
            self.stdout.write("There is no demonstration here. Set it up with: manage.py seed_demo")
            return
        names = dict(Source.objects.values_list("key", "name"))
        self.stdout.write(f"Sign in with any of these and the password {PASSWORD}")
        for person in present:
            self.stdout.write(f"  {person.email:<26} {describe(person, names)}")


def describe(person: Person, names: dict[str, str]) -> str:
    """``Access staff, Harbor PMS`` or ``Auditor, everywhere``."""
    return f"{person.role.label}, {names.get(person.source, 'everywhere')}"
