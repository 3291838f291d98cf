"""Addresses of the scheduling pages."""

from django.urls import URLPattern, URLResolver, path

from scheduling.views import intake

urlpatterns: list[URLPattern | URLResolver] = [
    path("intake/<slug:key>/", intake.receive, name="intake"),
]
