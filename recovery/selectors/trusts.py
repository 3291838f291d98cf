"""How far the data of a person's clinics can be trusted now: two queries, whatever the number of clinics."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Clinic, ClinicLaunchMode, ClinicLimit
from accounts.scope import clinic_scope_q
from recovery.decisions import Limits
from recovery.trust import ClinicTrust, FeedTrust, oldest, proven_at
from scheduling.models import Extract, Feed, Waiting
from scheduling.vocabulary import Decision, LaunchMode


def clinic_trusts(user: Any, now: datetime) -> list[ClinicTrust]:
    """The clinics a person may see, by name, with their slowest feed, limits and launch modes as of ``now``."""
    clinics: list[Any] = list(
        Clinic.objects.filter(clinic_scope_q(user, "pk", "source"))
        .select_related("source")
        .annotate(
            limits=ArraySubquery(_newest(ClinicLimit.objects.all(), now, warn="warn_after", held="held_after")),
            modes=ArraySubquery(_newest(ClinicLaunchMode.objects.all(), now, mode="mode")),
        )
    )
    feeds = _feeds({clinic.source_id for clinic in clinics})
    return [
        ClinicTrust(
            clinic_id=clinic.pk,
            name=clinic.name,
            source_id=clinic.source_id,
            source_name=clinic.source.name,
            zone=clinic.zone,
            feed=oldest(feeds[clinic.source_id]),
            limits={
                Decision(row["decision"]): Limits(timedelta(seconds=row["warn"]), timedelta(seconds=row["held"]))
                for row in clinic.limits
            },
            modes={Decision(row["decision"]): LaunchMode(row["mode"]) for row in clinic.modes},
        )
        for clinic in clinics
    ]


def _newest(versions: QuerySet[Any], now: datetime, **fields: str) -> QuerySet[Any]:
    """The version in force of each decision of the outer clinic, as JSON."""
    return (
        versions.filter(clinic=OuterRef("pk"), valid_from__lte=now)
        .order_by("decision", "-valid_from", "-id")
        .distinct("decision")
        .values(json=JSONObject(decision="decision", **fields))
    )


def _feeds(source_ids: set[int]) -> defaultdict[int, list[FeedTrust]]:
    """The proofs of the active feeds of these sources; a feed that never proved anything is left out."""
    waiting = Waiting.objects.filter(feed=OuterRef("pk")).order_by().values("feed").annotate(at=Min("received_at"))
    extracts = Extract.objects.filter(feed=OuterRef("pk"), finished_at__isnull=False).order_by().values("feed")
    found: defaultdict[int, list[FeedTrust]] = defaultdict(list)
    feeds: QuerySet[Any] = (
        Feed.objects.filter(source__in=source_ids, is_active=True)
        .select_related("proof", "owner_team")
        .annotate(
            oldest_waiting=Subquery(waiting.values("at")),
            extract_taken_at=Subquery(extracts.annotate(at=Max("taken_at")).values("at")),
        )
    )
    for feed in feeds:
        proof = getattr(feed, "proof", None)
        proven = proven_at(
            digested_to=proof and proof.digested_to,
            heartbeat_at=proof and proof.heartbeat_at,
            extract_taken_at=feed.extract_taken_at,
            oldest_waiting=feed.oldest_waiting,
        )
        if proven is not None:
            owner = feed.owner_team.name if feed.owner_team else ""
            found[feed.source_id].append(FeedTrust(feed.pk, feed.key, feed.name, owner, proven))
    return found
