"""Addresses of what leaves the desk to patients and comes back."""

from django.urls import URLPattern, URLResolver, path

from recovery.views import gateways, messages, replies

app_name = "outreach"
urlpatterns: list[URLPattern | URLResolver] = [
    path("recovery/messages/", messages.message_list, name="messages"),
    path("recovery/messages/<int:pk>/reply/", messages.reply, name="reply"),
    path("recovery/replies/", replies.reply_list, name="replies"),
    path("recovery/replies/<int:pk>/answer/", replies.answer, name="answer"),
    path("outreach/status/<slug:gateway>/", gateways.statuses, name="status"),
    path("outreach/replies/<slug:gateway>/", gateways.replies, name="take_reply"),
]
