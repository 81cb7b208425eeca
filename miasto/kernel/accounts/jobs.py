"""Daily tidying of personal data and sessions."""

from django.core.management import call_command

from miasto.kernel.accounts import personal
from miasto.kernel.core.jobs import job, periodic
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import PersonalData


@periodic(name="accounts.expire", cron="7 1 * * *")
def expire() -> None:
    """Queue one job for each kind of personal data that has a term, so that a failing one does not stop the others."""
    for spec in registry().all(PersonalData):
        if spec.expire is not None:
            expire_one.defer(once=f"expire {spec.key}", key=spec.key)


@job(name="accounts.expire_one")
def expire_one(*, key: str) -> None:
    """Anonymise or delete what is kept longer than its term; the log of changes keeps the count alone."""
    personal.expire(registry().get(PersonalData, key))


@periodic(name="accounts.clear_sessions", cron="37 1 * * *")
def clear_sessions() -> None:
    """Delete sessions that have ended."""
    call_command("clearsessions")
