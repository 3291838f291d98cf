"""Addresses of the results: the page, and the same view as files."""

from django.urls import URLPattern, URLResolver, path

from recovery.views import results

app_name = "results"
urlpatterns: list[URLPattern | URLResolver] = [
    path("recovery/metrics/", results.results, name="page"),
    path("recovery/metrics/results.csv", results.results_csv, name="csv"),
    path("recovery/metrics/results.xlsx", results.results_xlsx, name="xlsx"),
]
