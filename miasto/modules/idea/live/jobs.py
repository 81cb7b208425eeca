"""Jobs of live votes."""

from uuid import UUID

from django.db import connection

from miasto.kernel.core.jobs import job, periodic
from miasto.modules.idea.live import chairing


@job(name="idea.close_live_question")
def close_due(*, question_id: str) -> None:
    """Close one question when its time is over."""
    chairing.close_due(question_id=UUID(question_id))


@periodic(name="idea.forget_live_traces", cron="*/20 * * * *")
def forget_traces() -> None:
    """Free what the shuffled ballots left behind: until then somebody with the database's files could still read it."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM idea_liveballot, idea_livespent")
