"""The case by which a unit is asked for an opinion on an idea; its final stages say what the unit thinks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.cases import CasePart, CaseType, Deadline, Stage, Transition
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.handling import OPINION
from miasto.modules.idea.ideas.models import IdeaOpinion, Stance

HANDLE = ("cases.handle",)
OPEN = ("asked", "working")


def _end(stance: Stance, label: Any, *, prominent: bool = False) -> Transition:
    return Transition(
        key=str(stance.value),
        label=label,
        sources=OPEN,
        target=str(stance.value),
        by=HANDLE,
        needs=("answer",),
        prominent=prominent,
    )


def _final(key: str, name: Any, meaning: Any, colour: str) -> Stage:
    return Stage(key=key, name=name, meaning=meaning, colour=colour, clock="stopped", final=True, public=False)


OPINION_TYPE = CaseType(
    key=OPINION,
    name=_("Opinia o pomyśle"),
    name_plural=_("Opinie o pomysłach"),
    prefix="OP",
    stages=(
        Stage(key="asked", name=_("Nowa"), meaning=_("Jednostka została poproszona o opinię."), colour="blue"),
        Stage(key="working", name=_("W opracowaniu"), meaning=_("Jednostka pisze opinię."), colour="yellow"),
        _final(Stance.POSITIVE, _("Za"), _("Jednostka popiera pomysł."), "green"),
        _final(Stance.CONDITIONAL, _("Za, pod warunkiem"), _("Jednostka popiera pomysł pod warunkami."), "blue"),
        _final(Stance.NEGATIVE, _("Przeciw"), _("Jednostka odradza pomysł."), "orange"),
        _final("cancelled", _("Wycofana"), _("Opinia nie jest już potrzebna."), "grey"),
    ),
    transitions=(
        Transition(key="start", label=_("Zacznij pisać opinię"), sources=("asked",), target="working", by=HANDLE),
        _end(Stance.POSITIVE, _("Opinia za"), prominent=True),
        _end(Stance.CONDITIONAL, _("Opinia za, pod warunkiem")),
        _end(Stance.NEGATIVE, _("Opinia przeciw")),
        Transition(key="cancel", label=_("Wycofaj pytanie"), sources=OPEN, target="cancelled", by=HANDLE, needs=("answer",)),
    ),
    competence=rules.competence(),
    deadline=Deadline(days=rules.days("opinion_days")),
    public_register=False,
    needs_place=False,
    photos=0,
    icon="lightbulb",
    order=200,
    supported=False,
)


def for_unit(case: Any, viewer: Any) -> dict[str, Any] | None:
    """The idea, on the page on which the unit answers; two queries."""
    row = IdeaOpinion.objects.select_related("idea").filter(case=case.id).first()
    if row is None:
        return None
    version = row.idea.versions.filter(number=row.idea.version).first()
    return {"idea": row.idea, "version": version, "opinion": row}


IDEA_PART = CasePart(
    key="idea.opinion_part",
    case_type=OPINION,
    template="idea/ideas/case_part.html",
    context=for_unit,
    permission="cases.handle",
    order=5,
)
