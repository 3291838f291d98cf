"""Integration exceptions: groups of equal findings with an owner and a life."""

from exceptions.models.channels import NoticeSettings, WebhookEndpoint
from exceptions.models.exceptions import IntegrationException, Membership
from exceptions.models.history import History, HourlyCount, Spell
from exceptions.models.notices import Notice, StepRun
from exceptions.models.routing import EscalationPolicy, EscalationStep, MaintenanceWindow, PlanChange, RoutingRule
from exceptions.models.views import Act, DefaultView, SavedView

__all__ = [
    "Act",
    "DefaultView",
    "EscalationPolicy",
    "EscalationStep",
    "History",
    "HourlyCount",
    "IntegrationException",
    "MaintenanceWindow",
    "Membership",
    "Notice",
    "NoticeSettings",
    "PlanChange",
    "RoutingRule",
    "SavedView",
    "Spell",
    "StepRun",
    "WebhookEndpoint",
]
