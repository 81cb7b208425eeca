"""What every write of the budget shares: the lock, the audit, the path of a project, the move of its state."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import changes, clock, events
from miasto.kernel.participation.services import Refused
from miasto.kernel.places.services import save_object
from miasto.modules.idea.budget.events import ProjectMoved
from miasto.modules.idea.budget.models import MANAGE, Edition, Project, ProjectStep

EDITION = "idea.budget_edition"


def require(by: Viewer, permission: str = MANAGE) -> None:
    """Raises ``PermissionDenied`` for somebody without the permission."""
    if not by.holds(permission):
        raise PermissionDenied(permission)


def lock_edition(edition_id: UUID) -> Edition:
    """The edition, locked for the transaction."""
    return Edition.objects.select_for_update().get(pk=edition_id)


def lock(project: Project, *states: str) -> Project:
    """The project, locked for the transaction; raises ``Refused`` unless it is in one of the states."""
    found = Project.objects.select_for_update(of=("self",)).select_related("edition", "pool").get(pk=project.pk)
    if states and found.state not in states:
        raise Refused(_("Tego kroku nie można teraz zrobić: projekt jest w innym stanie."), code="state")
    return found


def move(
    project: Project, state: str, kind: str, by: Viewer, *, text: str = "", public: bool = True, unit_id: UUID | None = None
) -> ProjectStep:
    """Put a locked project into a state with its step, audit and event; its other columns are saved with it."""
    project.state = state
    save_object(project, by=by)
    return step(project, kind, by, text=text, public=public, unit_id=unit_id)


def step(
    project: Project, kind: str, by: Viewer, *, text: str = "", public: bool = True, unit_id: UUID | None = None
) -> ProjectStep:
    """A line of the path that changes no state; told like the others."""
    made = ProjectStep.objects.create(
        project=project, kind=kind, at=clock.now(), unit_id=unit_id, text=text.strip(), public=public
    )
    record(kind, project, by)
    events.publish(ProjectMoved(project_id=project.pk, step_id=made.pk, step=str(kind), state=project.state))
    return made


def record(action: str, project: Project, by: Viewer, **data: Any) -> None:
    """One change of a project."""
    changes.record(
        action=f"idea.budget_{action}",
        kind=project.kind,
        object_id=project.pk,
        actor=by.actor_for(project.pk),
        unit_id=project.unit_id,
        data={"number": project.number, **data},
    )


def record_edition(action: str, edition: Edition, by: Viewer, **data: Any) -> None:
    """One change of an edition."""
    changes.record(
        action=f"idea.budget_{action}",
        kind=EDITION,
        object_id=edition.pk,
        actor=by.actor,
        unit_id=edition.unit_id,
        data={"slug": edition.slug, **data},
    )
