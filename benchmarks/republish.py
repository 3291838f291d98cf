"""Publish every source's mapping anew with other meanings (child process): ``benchmarks.republish``.

The new revision is a copy of the one in force in which confirmed visits are pending, so every event is given another
rule and many visits another picture. Prints the number of appointments and of events that are to be replayed as one
JSON object.
"""

import json
import sys

from django.db import transaction
from django.utils import timezone

from scheduling.models import MappedEvent, MappingPublication, MappingRule, RefoldRequest
from scheduling.services.mapping import approve, publish, start_draft, submit
from scheduling.vocabulary import Status


@transaction.atomic
def republish(publication: MappingPublication) -> None:
    """Put a changed copy in force from the same source time on, drafted and approved by the same two people."""
    revision, now = publication.revision, timezone.now()
    if revision.approved_by is None:
        raise RuntimeError("What is in force was approved by nobody.")
    draft = start_draft(revision.source, title="Benchmark", actor=revision.author, now=now, based_on=revision)
    MappingRule.objects.filter(revision=draft, status=Status.CONFIRMED).update(status=Status.PENDING)
    submit(draft, actor=revision.author, now=now)
    approve(draft, actor=revision.approved_by, now=now)
    publish(draft, effective_from=publication.effective_from, actor=revision.approved_by, now=now)


def main() -> None:
    """Publish for every source and say how much is to be done."""
    for publication in MappingPublication.objects.select_related("revision__source", "revision__author"):
        republish(publication)
    asked = RefoldRequest.objects.all()
    events = MappedEvent.objects.filter(appointment__in=asked.values("pk")).count()
    json.dump({"appointments": asked.count(), "events": events}, sys.stdout)


if __name__ == "__main__":
    main()
