"""Integration exceptions: groups of equal findings with an owner and a life."""

from exceptions.models.exceptions import IntegrationException, Membership
from exceptions.models.history import History, HourlyCount, Spell

__all__ = ["History", "HourlyCount", "IntegrationException", "Membership", "Spell"]
