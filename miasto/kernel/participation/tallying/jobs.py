"""Jobs of the count."""

from uuid import UUID

from miasto.kernel.core.jobs import job
from miasto.kernel.participation.tallying import protocol, services


@job(name="participation.count_votes", heavy=True, awaited=True)
def count_votes(*, election_id: str) -> None:
    """Count the opened ballots of one election and draw the protocol."""
    if services.run(UUID(election_id)):
        protocol.draw(UUID(election_id))
