"""Addresses of the pages that look across all floors."""

from django.urls import URLPattern, URLResolver, path

from launch.views import previews

app_name = "launch"

urlpatterns: list[URLPattern | URLResolver] = [
    path("mappings/<slug:key>/r<int:number>/preview/", previews.preview, name="preview"),
    path("mappings/<slug:key>/r<int:number>/preview/<int:pk>/cancel/", previews.cancel, name="preview_cancel"),
    path("live/mappings/<slug:key>/r<int:number>/preview/<int:pk>/", previews.live_preview, name="preview_live"),
]
