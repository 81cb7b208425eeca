"""From an idea to a petition under the Petitions Act: one button for the author, a case of the type that the profile names.

The module that keeps petitions is not known here: its case type is found by its key, its register by the page that the type
names. Nobody's support is carried over: those who supported the idea are told, and sign the petition themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as filing
from miasto.kernel.participation.services import refuse_if
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.models import Idea, IdeaStep, State
from miasto.modules.idea.ideas.writing import clean, lock, save, step

MAY = (State.GATHERING, State.EXAMINED, State.BELOW, State.REJECTED, State.ANSWERED, State.PARTLY)


@dataclass(frozen=True, kw_only=True)
class Petitioner:
    """What the act wants of who files (art. 4 sec. 2): name, address; ``name_public`` is the consent to publish the name."""

    name: str
    postal: str
    email: str
    name_public: bool = False


def petition_type() -> Any:
    """The case type of petitions; None where this city takes none here."""
    key = rules.petition_type()
    return next((one for one in cases.case_types() if one.key == key), None)


def may_petition(idea: Idea, viewer: Viewer) -> bool:
    """Whether this viewer may make a petition of the idea: its author, once the threshold was reached or the city answered."""
    mine = viewer.person_id is not None and idea.author_id == viewer.person_id
    ready = idea.reached_at is not None or idea.state in (State.BELOW, State.ANSWERED, State.REJECTED)
    return mine and ready and idea.state in MAY and idea.petition_id is None and petition_type() is not None


@transaction.atomic
def make_petition(*, idea: Idea, row: Petitioner, text: str, by: Viewer) -> Any:
    """File the petition; its ``Filed``. Sent twice it is one petition. Raises ``ValidationError`` by field.

    The clock of the act runs from now (three months, art. 10); the idea goes on by its own rules.
    """
    locked = lock(idea.pk)
    if locked.author_id is None or locked.author_id != by.person_id:
        raise PermissionDenied("idea.petition")
    kind = petition_type()
    refuse_if(kind is None, _("To miasto nie przyjmuje tu petycji."))
    refuse_if(locked.petition_id is None and not may_petition(locked, by), _("Z tego pomysłu nie można teraz złożyć petycji."))
    wrong = {
        name: words
        for name, words in (("name", _("Wpisz imię i nazwisko.")), ("postal", _("Wpisz adres: wymaga go ustawa o petycjach.")))
        if not clean(getattr(row, name))
    }
    if wrong:
        raise ValidationError(wrong)
    filed = filing.file_case(
        case_type=kind.key,
        category=None,
        description=f"{locked.title}\n\n{clean(text)}",
        point=None,
        answers={"address": row.postal},
        contact=filing.Contact(name=row.name, email=row.email, name_public=row.name_public),
        by=by,
        client_key=f"idea:{locked.pk}",
    )
    if filed.fresh:
        locked.petition = filed.case
        save(locked, by)
        step(locked, IdeaStep.Kind.PETITION, by, case=filed.case.number)
    return filed
