"""Background jobs of the newsletter."""

from __future__ import annotations

from uuid import UUID

from miasto.kernel.core.jobs import job, periodic


@job(name="idea.newsletter_send", queue="mail")
def send(*, issue_id: str) -> None:
    """The next step of an issue's sending."""
    from miasto.modules.idea.newsletter import sending

    sending.send_step(issue_id=UUID(issue_id))


@periodic(name="idea.newsletter_tick", cron="* * * * *")
def tick() -> None:
    """Start the issues whose time has come, and go on with a sending whose next step was lost."""
    from miasto.modules.idea.newsletter import selectors, services

    for issue_id in selectors.due():
        services.start_issue(issue_id=issue_id)
    for issue_id in selectors.in_sending():
        send.defer(issue_id=str(issue_id), once=f"newsletter:{issue_id}")
