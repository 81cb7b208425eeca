"""The result entered in the projects: called once, when the count is published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.modules.idea.budget.models import Edition, Project, Realisation
from miasto.modules.idea.budget.states import ProjectState, StepKind
from miasto.modules.idea.budget.writing import lock_edition, move, record_edition, require


@transaction.atomic
def settle(*, edition: Edition, winners: Collection[UUID], votes: Mapping[UUID, int], by: Viewer) -> Edition:
    """Every project of the ballot becomes WON or LOST with its votes; winners get a ``Realisation`` to be followed.

    ``winners`` and the keys of ``votes`` are ``Project.pk``. Repeated, it changes nothing.
    """
    require(by)
    found = lock_edition(edition.pk)
    if found.finished_at is not None:
        return found
    chosen = set(winners)
    rows = Project.objects.select_for_update(of=("self",)).filter(edition=found, state=ProjectState.BALLOT)
    for project in rows.select_related("pool").order_by("ballot_number"):
        project.edition = found
        project.votes = votes.get(project.pk, 0)
        won = project.pk in chosen
        if won:
            Realisation.objects.create(project=project, unit_id=found.unit_id, planned=project.cost, updated_at=clock.now())
        move(project, ProjectState.WON if won else ProjectState.LOST, StepKind.WON if won else StepKind.LOST, by)
    found.finished_at = clock.now()
    found.save(update_fields=["finished_at"])
    record_edition("settled", found, by, winners=len(chosen))
    return found
