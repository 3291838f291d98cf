"""Which settings a person may see where they belong to places."""

from typing import Any

from django.db.models import Q

from accounts.scope import clinic_scope_q, source_scope_q


def placed_q(user: Any) -> Q:
    """Rows with a source and maybe a clinic: the source is in scope, and so is the clinic where there is one."""
    in_clinic = clinic_scope_q(user)
    in_source = source_scope_q(user) & Q(source__isnull=False)
    # An empty Q, which is everywhere, would vanish beside an OR.
    return in_source & (Q(clinic=None) | in_clinic) if in_clinic else in_source
