"""Addresses of the recovery pages."""

from django.urls import URLPattern, URLResolver, path

from recovery.views import queue

app_name = "recovery"
urlpatterns: list[URLPattern | URLResolver] = [
    path("recovery/", queue.queue, name="queue"),
    path("recovery/<int:pk>/", queue.item_page, name="item"),
    path("live/recovery/", queue.news, name="news"),
]
