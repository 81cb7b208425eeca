"""Background jobs of the classifier."""

from uuid import UUID

from miasto.kernel.core.jobs import job, periodic
from miasto.modules.contact_centre.likeness import services


@job(name="contact_centre.train", retry=False, heavy=True, awaited=True)
def train(*, training_id: str) -> None:
    """Run a training that somebody asked for."""
    services.run_training(training_id=UUID(training_id))


@periodic(name="contact_centre.train_weekly", cron="40 1 * * 0")
def train_weekly() -> None:
    """Learn from the past week: corrections count at once, and erased cases are forgotten."""
    if services.running() is None:
        services.train_now()
