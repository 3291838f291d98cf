"""Addresses of the recovery pages."""

from django.urls import URLPattern, URLResolver, path

from recovery.urls_contact import contact_patterns
from recovery.urls_refill import refill_patterns
from recovery.urls_risk import risk_patterns
from recovery.views import calls, claims, closing, next_best, queue, writing

app_name = "recovery"
urlpatterns: list[URLPattern | URLResolver] = [
    path("recovery/", queue.queue, name="queue"),
    path("recovery/next/", next_best.next_best, name="next"),
    path("recovery/<int:pk>/", queue.item_page, name="item"),
    path("recovery/<int:pk>/take/", claims.take, name="take"),
    path("recovery/<int:pk>/let-go/", claims.let_go, name="let_go"),
    path("recovery/<int:pk>/free/", claims.free, name="free"),
    path("recovery/<int:pk>/hand-over/", claims.give, name="hand_over"),
    path("recovery/<int:pk>/stay/", claims.stay, name="stay"),
    path("recovery/<int:pk>/pin/", claims.pin, name="pin"),
    path("recovery/<int:pk>/unpin/", claims.unpin, name="unpin"),
    path("recovery/<int:pk>/close/", closing.close, name="close"),
    path("recovery/<int:pk>/reopen/", closing.reopen, name="reopen"),
    path("recovery/<int:pk>/call/", calls.call, name="call"),
    path("recovery/<int:pk>/text/", writing.text, name="text"),
    path("recovery/<int:pk>/email/", writing.email, name="email"),
    path("recovery/<int:pk>/calls/<int:attempt_pk>/outcome/", calls.outcome, name="outcome"),
    *contact_patterns,
    *refill_patterns,
    *risk_patterns,
    path("live/recovery/", queue.news, name="news"),
    path("live/recovery/<int:pk>/", queue.item_news, name="item_news"),
]
