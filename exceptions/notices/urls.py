"""Addresses of the pages of notices."""

from django.urls import URLPattern, URLResolver, path

from exceptions.views import notices, outbox

app_name = "notices"
urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", notices.notice_list, name="list"),
    path("notices/read/", notices.read, name="read"),
    path("notices/settings/", notices.wishes, name="settings"),
    path("notices/outbox/", outbox.outbox, name="outbox"),
    path("notices/outbox/again/", outbox.again, name="again"),
]
