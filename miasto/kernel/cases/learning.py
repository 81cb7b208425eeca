"""What the city has learned: texts of past cases with the category that they were given in the end."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from miasto.kernel.cases.models import Case, CaseStep, Moderation
from miasto.kernel.cases.types import case_type


@dataclass(frozen=True, slots=True)
class Told:
    """The words of one case and the slug of its category. ``corrected``: staff gave it another category than its filer."""

    text: str
    category: str
    corrected: bool


def told(kind: str, *, newest: int) -> list[Told]:
    """The newest so many cases of a type, oldest first; 1 query.

    Left out are erased texts, categories no longer in use and cases in stages that are not public (mistakes, spam). Of a text
    that a clerk masked for publication the masked form is given, else what the filer wrote: use it only to count words.
    """
    hidden = [stage.key for stage in case_type(kind).stages if not stage.public]
    found = Case.objects.filter(case_type=kind, category__active=True, text__erased_at=None).exclude(stage__in=hidden)
    found = found.exclude(text__description="").order_by("-filed_at", "-id")
    changed = CaseStep.objects.filter(case=OuterRef("pk"), kind=CaseStep.Kind.RECATEGORISED)
    rows = found.annotate(corrected=Exists(changed), masked=Q(text_state=Moderation.APPROVED)).values_list(
        "text__description", "text__published_description", "masked", "category__slug", "corrected"
    )[:newest]
    made = [
        Told(published if masked and published else words, category, corrected)
        for words, published, masked, category, corrected in rows
    ]
    return made[::-1]
