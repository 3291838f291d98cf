"""What other pages say while maintenance runs: its name, until when, and that nobody is told."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.zones import zone_of
from config.web import times
from config.web.notes import Note, register_notes
from exceptions.selectors.maintenance_page import running_now

SHOWN = 3


def maintenance_notes(request: HttpRequest) -> list[Note]:
    """One line per window that runs in the person's places, three at most."""
    now, url = timezone.now(), reverse("exceptions:maintenance")
    running = running_now(request.user, now)
    found = []
    for window in running[:SHOWN]:
        place = window.clinic or window.feed or window.source
        until = times.both(window.ends_at, zone_of(request.user), now)
        found.append(
            Note(
                "warn",
                "Maintenance",
                f"{window.name}, {place}: nobody is told until it ends {until}.",
                url,
                "All windows",
            )
        )
    if len(running) > SHOWN:
        found.append(Note("warn", "Maintenance", f"{len(running) - SHOWN} more windows run.", url, "All windows"))
    return found


def register_maintenance_notes() -> None:
    """Add the notes; called once when Django is ready."""
    register_notes("maintenance", maintenance_notes)
