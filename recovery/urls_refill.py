"""Addresses of the waitlist, of offers, and of what clinics decide about them."""

from django.urls import URLPattern, URLResolver, path

from recovery.views import candidates, limit_settings, offer_settings, offers, waitlist

refill_patterns: list[URLPattern | URLResolver] = [
    path("recovery/waitlist/", waitlist.waitlist, name="waitlist"),
    path("recovery/waitlist/import/", waitlist.import_file, name="waitlist_import"),
    path("recovery/waitlist/<int:pk>/remove/", waitlist.remove, name="waitlist_remove"),
    path("recovery/settings/visits/", offer_settings.visit_rules, name="visit_rules"),
    path("recovery/settings/offers/", offer_settings.offer_policies, name="offer_policies"),
    path("recovery/settings/tries/", offer_settings.tries, name="tries"),
    path("recovery/settings/limits/", limit_settings.limits, name="limits"),
    path("recovery/<int:pk>/candidates/", candidates.candidates, name="candidates"),
    path("recovery/<int:pk>/offer/", offers.offer, name="offer"),
    path("recovery/<int:pk>/offers/<int:offer_pk>/answer/", offers.answer, name="offer_answer"),
]
