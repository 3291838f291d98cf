"""Addresses of visits at risk, and of whoever sends their scores."""

from django.urls import URLPattern, URLResolver, path

from recovery.views import risk, risk_feed

risk_patterns: list[URLPattern | URLResolver] = [
    path("recovery/risk/", risk.report, name="risk"),
    path("recovery/risk/clinics/", risk.policies, name="risk_policies"),
    path("recovery/risk/scores/", risk.scores, name="risk_scores"),
    path("scores/<slug:key>/", risk_feed.receive, name="take_scores"),
]
