"""Addresses of the exceptions pages."""

from django.urls import URLPattern, URLResolver, path, register_converter

from exceptions.forms.moves import FORMS
from exceptions.urls_settings import settings_patterns
from exceptions.views import acts, bulk, evidence, fixes, live, moves, pages, saved, visits


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
    path("exceptions/<int:pk>/messages/<int:message_pk>/", evidence.message, name="message"),
    path("exceptions/<int:pk>/history/", evidence.history, name="history"),
    path("exceptions/<int:pk>/clinic-of-code/", fixes.name_clinic, name="clinic_of_code"),
    path("exceptions/<int:pk>/process-again/", fixes.process_failed, name="process_again"),
    path("exceptions/<int:pk>/<verb:verb>/", moves.move, name="move"),
    path("exceptions/many/<verb:verb>/", bulk.act_on_many, name="bulk"),
    path("exceptions/acts/<int:pk>/", acts.shown, name="act"),
    path("exceptions/acts/<int:pk>/undo/", acts.take_back, name="undo"),
    path("exceptions/views/", saved.views, name="views"),
    path("exceptions/views/save/", saved.save, name="view_save"),
    path("exceptions/views/<int:pk>/rename/", saved.rename, name="view_rename"),
    path("exceptions/views/<int:pk>/delete/", saved.delete, name="view_delete"),
    path("exceptions/views/<int:pk>/begin/", saved.begin, name="view_begin"),
    path("live/exceptions/", live.live_news, name="live"),
    *settings_patterns,
]
