"""What every desk needs so that nothing is without an owner and nobody waits in vain: made once, changed by people."""

from datetime import timedelta

from django.db import transaction

from accounts.models import Team
from exceptions.models import EscalationPolicy, EscalationStep
from exceptions.vocabulary import Hours, OwnerTeam, Severity, Target

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@transaction.atomic
def make_first_plans() -> bool:
    """Make a catch-all team where there is none, and the first policies where there is none; say whether any was made.

    Notes tell nobody: they wait in the list.
    """
    team = _catch_all()
    if EscalationPolicy.objects.exists():
        return False
    blocking = EscalationPolicy.objects.create(name="What blocks work", repeats=2, default_for=Severity.BLOCKING)
    degraded = EscalationPolicy.objects.create(name="What can wait some hours", default_for=Severity.DEGRADED)
    EscalationStep.objects.bulk_create(
        [
            _step(blocking, 0, timedelta(0), Target.DUTY),
            _step(blocking, 1, 15 * MINUTE, Target.TEAM),
            _step(blocking, 2, HOUR, Target.TEAM, team),
            _step(degraded, 0, 4 * HOUR, Target.TEAM),
        ]
    )
    return True


def _step(
    policy: EscalationPolicy, no: int, wait: timedelta, target: Target, team: Team | None = None
) -> EscalationStep:
    return EscalationStep(policy=policy, no=no, wait=wait, target=target, team=team, hours=Hours.CLINIC)


def _catch_all() -> Team:
    """The catch-all team; where there is none, the integration team becomes it."""
    team = Team.objects.filter(is_catch_all=True).first()
    if team is not None:
        return team
    team, _ = Team.objects.get_or_create(key=OwnerTeam.INTEGRATION, defaults={"name": OwnerTeam.INTEGRATION.label})
    team.is_catch_all = True
    team.save(update_fields=["is_catch_all"])
    return team
