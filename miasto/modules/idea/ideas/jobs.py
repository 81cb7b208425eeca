"""What the clock does with ideas."""

from __future__ import annotations

from datetime import timedelta

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.core.jobs import periodic
from miasto.modules.idea.ideas import services
from miasto.modules.idea.ideas.models import Idea, IdeaFlag, State

AT_ONCE = 500
FLAGS_KEPT = timedelta(days=90)


@periodic(name="idea.close_gathering", cron="3 * * * *")
def close_gathering() -> int:
    """Ideas whose last day of support is over: the city owes each of them an answer now; returns how many. One at a time."""
    found = Idea.objects.filter(state=State.GATHERING, closes_on__lt=clock.today()).order_by("closes_on")
    ids = list(found.values_list("pk", flat=True)[:AT_ONCE])
    return sum(services.close_gathering(idea_id=idea_id, by=SYSTEM) for idea_id in ids)


@periodic(name="idea.forget_addresses", cron="45 3 * * *")
def forget_addresses() -> int:
    """Addresses of would-be supporters that nobody confirmed, and who flagged what was judged long ago."""
    IdeaFlag.objects.filter(handled_at__lt=clock.now() - FLAGS_KEPT).delete()
    return services.forget_unconfirmed()
