"""Which settings a person may see where they belong to places."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from accounts.scope import clinic_scope_q, source_scope_q


def placed_q(user: Any, *, roles: Iterable[str] = ()) -> Q:
    """Rows with a source and maybe a clinic: the source is in scope, and so is the clinic where there is one."""
    in_clinic = clinic_scope_q(user, "clinic", "source", roles=roles)
    in_source = source_scope_q(user, "source", roles=roles) & Q(source__isnull=False)
    # An empty Q, which is everywhere, would vanish beside an OR.
    return in_source & (Q(clinic=None) | in_clinic) if in_clinic else in_source
