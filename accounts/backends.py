"""Who is signed in, with all that every page asks about them, in one query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Clinic, Grant, User
from accounts.scope import CACHE_NAME, GrantFact
from accounts.zones import ZONE_NAME

_GRANTS = Grant.objects.filter(user=OuterRef("pk")).values(
    fact=JSONObject(role="role", source_id="source_id", clinic_id="clinic_id", clinic_source_id="clinic__source_id")
)
# As accounts.zones finds it, for a person whose grants are not read yet.
_COVERING = Grant.objects.filter(
    Q(source__isnull=True, clinic__isnull=True) | Q(source=OuterRef("source")) | Q(clinic=OuterRef("pk")),
    user=OuterRef(OuterRef("pk")),
)
_ZONES = Clinic.objects.filter(Exists(_COVERING)).order_by().values("timezone").annotate(number=Count("pk"))
_PEOPLE = User.objects.order_by().annotate(
    granted=ArraySubquery(_GRANTS),
    commonest_zone=Subquery(_ZONES.order_by("-number", "timezone").values("timezone")[:1]),
)


class DeskBackend(ModelBackend):
    """Passwords as Django checks them; the person of a request comes with grants and home zone."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, if they may still sign in."""
        person = _PEOPLE.filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        setattr(person, CACHE_NAME, tuple(GrantFact(**fact) for fact in person.granted))
        setattr(person, ZONE_NAME, person.commonest_zone)
        return person
