"""Addresses of the exceptions pages."""

from django.urls import URLPattern, URLResolver, path, register_converter

from exceptions.forms import FORMS
from exceptions.views import moves, pages, visits


class VerbConverter:
    """One of the verbs that people may send."""

    regex = "|".join(verb.value for verb in FORMS)

    def to_python(self, value: str) -> str:
        """Keep the word."""
        return value

    def to_url(self, value: str) -> str:
        """Keep the word."""
        return str(value)


register_converter(VerbConverter, "verb")

app_name = "exceptions"
urlpatterns: list[URLPattern | URLResolver] = [
    path("exceptions/", pages.exception_list, name="list"),
    path("exceptions/next/", moves.next_one, name="next"),
    path("exceptions/<int:pk>/", pages.exception_detail, name="detail"),
    path("exceptions/<int:pk>/visits/", visits.held, name="visits"),
    path("exceptions/<int:pk>/<verb:verb>/", moves.move, name="move"),
    path("live/exceptions/", pages.live_news, name="live"),
]
