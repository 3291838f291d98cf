"""What a person may see and do: role x grant (DESIGN section 13). One query a request, none a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import Clinic, Source

CACHE_NAME = "_desk_grants"
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class GrantFact:
    """One grant, flat: ids of where it holds; both None means everywhere."""

    role: str
    source_id: int | None
    clinic_id: int | None
    clinic_source_id: int | None

    @property
    def is_everywhere(self) -> bool:
        """Whether the grant is bound to no source and no clinic."""
        return self.source_id is None and self.clinic_id is None


def grants_of(user: Any) -> tuple[GrantFact, ...]:
    """Return a person's grants, asked once per user object (so once a request); none for a stranger."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return ()
    # getattr, not __dict__: request.user is a lazy wrapper that passes attributes through and keeps none.
    kept: tuple[GrantFact, ...] | None = getattr(user, CACHE_NAME, None)
    if kept is None:
        rows = user.grants.values_list("role", "source_id", "clinic_id", "clinic__source_id")
        kept = tuple(GrantFact(*row) for row in rows)
        setattr(user, CACHE_NAME, kept)
    return kept


def clinic_scope_q(
    user: Any, clinic_path: str = "clinic", source_path: str = "source", *, roles: Iterable[str] = ()
) -> Q:
    """Return the condition under which a row with a clinic and a source is visible to a person (I13).

    A grant in a source covers all of its rows, those without a known clinic too; a grant in a
    clinic covers that clinic's rows only. ``roles`` narrows to grants with one of these roles.
    """
    wanted = set(roles)
    grants = [grant for grant in grants_of(user) if not wanted or grant.role in wanted]
    if any(grant.is_everywhere for grant in grants):
        return Q()
    clinics = sorted({grant.clinic_id for grant in grants if grant.clinic_id is not None})
    sources = sorted({grant.source_id for grant in grants if grant.source_id is not None})
    scope = Q(**{f"{clinic_path}__in": clinics}) if clinics else NOTHING
    return scope | Q(**{f"{source_path}__in": sources}) if sources else scope


def source_scope_q(user: Any, source_path: str = "source", *, roles: Iterable[str] = ()) -> Q:
    """Return the condition for rows that belong to a source as a whole (feeds, mappings).

    A grant in one of a source's clinics shows them too: who works with a clinic may see what feeds it.
    """
    wanted = set(roles)
    grants = [grant for grant in grants_of(user) if not wanted or grant.role in wanted]
    if any(grant.is_everywhere for grant in grants):
        return Q()
    sources = {grant.source_id or grant.clinic_source_id for grant in grants} - {None}
    return Q(**{f"{source_path}__in": sorted(source for source in sources if source is not None)})


def has_role(user: Any, *roles: str, clinic: "Clinic | None" = None, source: "Source | None" = None) -> bool:
    """Say whether a person has one of the roles (any role when none is named) at a clinic or a source.

    Without a place: anywhere. At a clinic: a grant there, in its source or everywhere.
    At a source: a grant in it or everywhere; one in a single clinic is not enough.
    """
    grants = [grant for grant in grants_of(user) if not roles or grant.role in roles]
    if clinic is not None:
        return any(
            grant.is_everywhere or grant.clinic_id == clinic.pk or grant.source_id == clinic.source_id
            for grant in grants
        )
    if source is not None:
        return any(grant.is_everywhere or grant.source_id == source.pk for grant in grants)
    return bool(grants)


def has_any_role(user: Any, roles: Iterable[str]) -> bool:
    """``has_role`` for a ready collection; an empty one asks nothing, so it is granted."""
    wanted = tuple(roles)
    return not wanted or has_role(user, *wanted)
