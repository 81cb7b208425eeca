"""Jobs of the ballot box."""

from __future__ import annotations

from miasto.kernel.core.jobs import job, periodic


@job(name="participation.close_due")
def close_due() -> int:
    """Close the elections whose time is over; returns how many. Set for the last instant when an election is opened."""
    from miasto.kernel.participation.voting import closing

    return closing.close_due()


@periodic(name="participation.close_late", cron="*/5 * * * *")
def close_late() -> None:
    """Whatever happened to that job (moved dates, a lost worker), no box stays open for longer than this; old codes go."""
    from miasto.kernel.participation.voting import closing, codes

    closing.close_due()
    codes.forget_old()
