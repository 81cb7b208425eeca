"""What the clock does: steps that it takes by itself, and the ladder of terms that come near or are over."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import counting  # noqa: F401 - its jobs are found here
from miasto.kernel.cases.escalation import escalate_due
from miasto.kernel.cases.handling import is_due, take_clock_step
from miasto.kernel.cases.listeners import tell_silent
from miasto.kernel.cases.models import Case, Forwarding, Progress, Supporter
from miasto.kernel.cases.outside import remind_body
from miasto.kernel.cases.types import case_types
from miasto.kernel.core import clock
from miasto.kernel.core.jobs import periodic
from miasto.kernel.spec.cases import CLOCK

AT_ONCE = 500
ADDRESS_DAYS = 30


@periodic(name="cases.take_clock_steps", cron="*/10 * * * *")
def take_clock_steps() -> int:
    """Take the transitions whose days are over (a solution that nobody disputed is closed); returns how many."""
    taken = 0
    for kind in case_types():
        for step in (step for step in kind.transitions if CLOCK in step.by):
            before = clock.start_of(clock.today() - timedelta(days=step.days or 0))
            found = Case.objects.filter(case_type=kind.key, stage__in=step.sources, stage_since__lt=before)
            for case in found.exclude(progress=Progress.CLOSED).order_by("stage_since")[:AT_ONCE]:
                if is_due(case, step):
                    taken += take_clock_step(case_id=case.pk, transition=step.key, by=SYSTEM)
    return taken


@periodic(name="cases.escalate", cron="*/15 * * * *")
def escalate() -> int:
    """Climb the rungs that were reached (``escalation``); returns how many."""
    return escalate_due()


@periodic(name="cases.remind_outside", cron="25 5 * * *")
def remind_outside() -> int:
    """Remind bodies outside that have been silent for their days, and tell the workers; returns how many."""
    silent = Forwarding.objects.filter(state__in=Forwarding.OPEN, remind_on__lte=clock.today()).select_related("case", "body")
    rows = list(silent.order_by("remind_on")[:AT_ONCE])
    for row in rows:
        with transaction.atomic():
            tell_silent(remind_body(forwarding=row, by=SYSTEM))
    return len(rows)


@periodic(name="cases.forget_addresses", cron="35 3 * * *")
def forget_addresses() -> int:
    """Delete the addresses of those whom a case concerned too, ``ADDRESS_DAYS`` after its end; their voices stay counted."""
    before = clock.now() - timedelta(days=ADDRESS_DAYS)
    ended = Supporter.objects.filter(case__progress=Progress.CLOSED, case__closed_at__lt=before).exclude(email="")
    main_is_open = Q(case__relations__kind="duplicate_of", case__relations__main__closed_at=None)
    return Supporter.objects.filter(pk__in=ended.exclude(main_is_open).values("pk")).update(email="", confirmed_at=None)
