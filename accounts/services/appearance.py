"""Keep how a person wants the desk to look and act."""

from collections.abc import Mapping

from accounts.models import User


def change_appearance(user: User, changes: Mapping[str, object]) -> None:
    """Store validated values of ``theme``, ``density``, ``has_keys`` or ``timezone``; others are left alone.

    No audit row: it touches nobody else and no record of care.
    """
    User.objects.filter(pk=user.pk).update(**changes)
    for name, value in changes.items():
        setattr(user, name, value)
