"""How far what came of an idea has got, told by the thing itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from miasto.kernel.participation.selectors import Fate
from miasto.modules.idea.budget.models import Project, Realisation
from miasto.modules.idea.budget.states import ProjectState, RealisationStage


def fate_of(project: Project) -> tuple[str, str]:
    """How far a project has got as the fate of what came of an idea, with public words; one query."""
    stage = Realisation.objects.filter(project=project).values_list("stage", flat=True).first()
    if project.state == ProjectState.WON:
        return _of_stage(stage)
    ended = {
        ProjectState.LOST: _("Projekt nie zdobył dość głosów w budżecie obywatelskim."),
        ProjectState.REJECTED: _("Projektu nie dopuszczono do głosowania w budżecie obywatelskim."),
        ProjectState.WITHDRAWN: _("Autor wycofał projekt z budżetu obywatelskiego."),
    }
    if project.state in ended:
        return Fate.ABANDONED, ended[project.state]
    return Fate.PLANNED, _("Projekt jest w budżecie obywatelskim.")


def _of_stage(stage: str | None) -> tuple[str, str]:
    if stage == RealisationStage.DONE:
        return Fate.DONE, _("Projekt z budżetu obywatelskiego jest zrealizowany.")
    if stage in (RealisationStage.DESIGN, RealisationStage.TENDER, RealisationStage.WORKS, RealisationStage.STOPPED):
        return Fate.UNDER_WAY, _("Trwa realizacja projektu z budżetu obywatelskiego.")
    return Fate.PLANNED, _("Mieszkańcy wybrali projekt w budżecie obywatelskim.")
