"""Numbers for a monitoring system, in the text format of Prometheus. No patient data and no names (I12)."""

from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from exceptions.selectors.timer_lag import NO_LAG, timer_lags

KINDS = ("steps", "takes", "mutes", "waivers", "maintenance")


class DeskCollector(Collector):
    """Reads the numbers from the database when they are asked for, so that every process answers the same."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield how late the timers are, by what they do; zero where nothing is overdue."""
        lags = dict.fromkeys(KINDS, NO_LAG)
        for lag in timer_lags(self.now):
            lags[lag.what] = max(lags[lag.what], self.now - lag.due_at)
        family = GaugeMetricFamily(
            "recovery_desk_timer_lag_seconds", "How late the latest timer is that should have fired.", labels=["timer"]
        )
        for what, late in lags.items():
            family.add_metric([what], late.total_seconds())
        yield family


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a superuser, and whoever brings METRICS_TOKEN as a bearer token; 401 for everybody else."""
    if not may_read(request):
        return HttpResponse("This needs METRICS_TOKEN.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(DeskCollector(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """Whether a request may read the numbers; without a token in the settings none is good."""
    if request.user.is_active and getattr(request.user, "is_superuser", False):
        return True
    given = request.headers.get("Authorization", "")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and compare_digest(given.encode(), f"Bearer {wanted}".encode())
