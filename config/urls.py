"""All addresses: health first, then each app's own."""

from django.contrib import admin
from django.urls import include, path

from config import health, metrics

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("scheduling.urls")),
    path("", include("exceptions.urls")),
    path("", include("exceptions.notices.urls")),
    path("", include("recovery.urls")),
    path("", include("recovery.urls_outreach")),
    path("", include("recovery.urls_results")),
    path("", include("launch.urls")),
]

handler400 = "config.web.errors.bad_request"
handler403 = "config.web.errors.refused"
handler404 = "config.web.errors.missing"
handler500 = "config.web.errors.failed"
