"""The ground: sources, clinics, calendars, people, teams, grants, versioned settings, audit trail."""

from accounts.models.audit import AuditEntry
from accounts.models.calendars import ClinicHours, Closure
from accounts.models.duties import Duty, DutySwap
from accounts.models.people import Grant, SignInFailure, Team, User
from accounts.models.sessions import DeskSession
from accounts.models.settings import ClinicLaunchMode, ClinicLimit
from accounts.models.sources import Clinic, ClinicCode, Source

__all__ = [
    "AuditEntry",
    "Clinic",
    "ClinicCode",
    "ClinicHours",
    "ClinicLaunchMode",
    "ClinicLimit",
    "Closure",
    "DeskSession",
    "Duty",
    "DutySwap",
    "Grant",
    "SignInFailure",
    "Source",
    "Team",
    "User",
]
