"""Signed-in browsers, one row each, so that people see their own and an administrator can end them."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.models.people import User


class DeskSession(AbstractBaseSession):
    """Django's session row plus whose it is and when it was last used (ASVS 7.5.2).

    The columns beside ``session_data`` are copies for lists; the session's own data decides.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    browser = models.CharField(max_length=40, blank=True)

    class Meta(AbstractBaseSession.Meta):
        pass

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        """The store that keeps these rows."""
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's database store, writing the readable columns too; settings name this module as SESSION_ENGINE."""

    @classmethod
    def get_model_class(cls) -> type[DeskSession]:
        """The rows of this store."""
        return DeskSession

    def create_model_instance(self, data: dict[str, Any]) -> DeskSession:
        """Copy the owner and the times out of the session's data; times are epoch seconds there."""
        row = cast("DeskSession", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.signed_in_at = moment(data.get("signed_in_at"))
        row.seen_at = moment(data.get("seen_at"))
        row.browser = str(data.get("browser", ""))[:40]
        return row

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Write the session; one that is known by a single UPDATE, which needs no transaction around it.

        Raises UpdateError when the row is gone: somebody ended the session meanwhile.
        """
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}  # noqa: SLF001 - documented API
        if not self.model.objects.filter(pk=columns.pop("session_key")).update(**columns):
            raise UpdateError


def moment(seconds: float | None) -> datetime | None:
    """Turn epoch seconds into an aware UTC datetime; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
