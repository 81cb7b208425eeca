"""What the participatory budget adds to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import Permission
from miasto.kernel.spec.places import ObjectKind
from miasto.modules.idea.budget.models import MANAGE, VERIFY, Project

BUDGET = (
    Permission(key=MANAGE, name=_("Prowadzi budżet obywatelski: zasady, ocenę, losowanie karty, realizację")),
    Permission(key=VERIFY, name=_("Opiniuje projekty budżetu obywatelskiego")),
    ObjectKind(
        key=Project.kind,
        model="idea.Project",
        name=_("projekt budżetu obywatelskiego"),
        name_plural=_("projekty budżetu obywatelskiego"),
        icon="coins",
        url=lambda project: project.get_absolute_url(),
        words=lambda project: f"{project.summary} {project.description}",
    ),
)
