"""What the public may read and see of what residents wrote and photographed, and the erasure of it all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.accounts.services import revoke_links
from miasto.kernel.cases import writing
from miasto.kernel.cases.events import CaseErased, CaseTextDecided
from miasto.kernel.cases.filing import DESCRIPTION_MOST, FILER_LINK, MAIL_LINK
from miasto.kernel.cases.models import Case, CaseAnswerData, CaseFile, CaseParty, CaseStep, CaseText, Moderation, Relation
from miasto.kernel.cases.parties import CO_FILER_LINK, INVITE_LINK
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, events, mail
from miasto.kernel.discussions import services as discussions
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files

MODERATE = "cases.moderate"
ERASED = "[usunięto]"


@transaction.atomic
def decide_text(*, case: Case, publish: bool, edited: str | None = None, by: Viewer, version: int | None = None) -> Case:
    """Publish the description, perhaps masked by ``edited``, or withhold it. Needs ``cases.moderate`` in the unit."""
    locked = writing.lock(case, version)
    writing.require(by, locked, MODERATE)
    words = CaseText.objects.select_for_update().get(case=locked)
    shown = (words.description if edited is None else edited).replace("\r\n", "\n").strip()
    if publish and not shown:
        raise Refused({"edited": _("Wpisz treść, którą zobaczą wszyscy.")}, code="empty")
    if len(shown) > DESCRIPTION_MOST:
        raise Refused({"edited": _("Opis może mieć najwyżej %(most)d znaków.") % {"most": DESCRIPTION_MOST}}, code="long")
    words.published_description = shown if publish else ""
    words.save(update_fields=["published_description"])
    locked.text_state = Moderation.APPROVED if publish else Moderation.WITHHELD
    return _decided(locked, "text", publish, by, CaseStep.Kind.TEXT_DECIDED, "text_state")


@transaction.atomic
def decide_file(
    *,
    case_file: CaseFile,
    publish: bool,
    boxes: Sequence[files.Box] | None = None,
    by: Viewer,
    version: int | None = None,
) -> Case:
    """Publish one photo or withhold it. ``boxes`` are made unrecognisable in what the public sees.

    Without ``boxes`` a photo that was blurred before stays so, and in another the boxes that the machine found are blurred. An
    empty sequence publishes the photo as it is.
    """
    locked = writing.lock(Case(pk=case_file.case_id), version)
    writing.require(by, locked, MODERATE)
    row = CaseFile.objects.select_for_update(of=("self",)).select_related("file", "original").get(pk=case_file.pk, case=locked)
    if publish:
        _show(row, boxes, by)
    row.state = Moderation.APPROVED if publish else Moderation.WITHHELD
    row.save(update_fields=["state", "file", "original"])
    return _decided(locked, "file", publish, by, CaseStep.Kind.FILE_DECIDED)


def _show(row: CaseFile, boxes: Sequence[files.Box] | None, by: Viewer) -> None:
    """Put the blurred copy in the photo's place; an earlier copy goes."""
    if boxes is None and row.original is not None:
        return
    plain, earlier = row.original or row.file, row.file if row.original else None
    wanted = files.boxes_of(plain) if boxes is None else boxes
    row.file, row.original = (files.blur(file=plain, boxes=wanted, by=by), plain) if wanted else (plain, None)
    row.save(update_fields=["file", "original"])
    if earlier is not None:
        files.remove(file=earlier, by=by)


@transaction.atomic
def hold_back(*, file_id: UUID, by: Viewer) -> bool:
    """Take a published photo of staff back until a person decides, because a machine found faces or plates in it.

    A photo of the solution is published by the clerk who sends it; what the machine sees a minute later may only hide it.
    """
    row = CaseFile.objects.filter(file=file_id, state=Moderation.APPROVED, original=None).first()
    if row is None:
        return False
    locked = writing.lock(Case(pk=row.case_id), None)
    CaseFile.objects.filter(pk=row.pk, state=Moderation.APPROVED, original=None).update(state=Moderation.WAITING)
    locked.pending = writing.count_pending(locked)
    writing.save(locked, "pending")
    writing.record("hold_back_file", locked, by)
    events.publish(CaseTextDecided(case_id=locked.pk, case_type=locked.case_type, what="file", published=False))
    return True


@transaction.atomic
def decide_comment(
    *, case: Case, comment_id: UUID, publish: bool, edited: str | None = None, by: Viewer, version: int | None = None
) -> Case:
    """Publish a message of the filer, perhaps masked, or withhold it."""
    locked = writing.lock(case, version)
    writing.require(by, locked, MODERATE)
    made = locked.thread.comments.filter(pk=comment_id, audience="public").first()
    if made is None:
        raise Refused(_("Nie ma takiej wiadomości."), code="comment")
    discussions.decide(comment=made, publish=publish, body=edited, by=by)
    return _decided(locked, "comment", publish, by, CaseStep.Kind.COMMENT_DECIDED)


def _decided(case: Case, what: str, publish: bool, by: Viewer, kind: str, *fields: str) -> Case:
    case.pending = writing.count_pending(case)
    writing.save(case, "pending", *fields)
    writing.step(case, kind, by)
    writing.record(f"decide_{what}", case, by, published=publish)
    events.publish(CaseTextDecided(case_id=case.pk, case_type=case.case_type, what=what, published=publish))
    return case


@transaction.atomic
def erase_personal(*, case: Case, by: Viewer) -> Case:
    """Overwrite the words, the people, the answers and the residents' photos of a case; its history stays.

    Needs ``cases.supervise`` in the unit, the system's own call, or that the viewer filed the case by account.
    """
    locked = writing.lock(case, None)
    if not (by.person_id and locked.filer_person_id == by.person_id):
        writing.require(by, locked, "cases.supervise")
    now = clock.now()
    left = {"description": ERASED, "published_description": "", "search": locked.search}
    CaseText.objects.filter(case=locked).update(**left, erased_at=now)
    CaseParty.objects.filter(case=locked).update(name="", email="", phone="", person=None, erased_at=now)
    CaseAnswerData.objects.filter(case=locked, public=False).update(value=ERASED)
    discussions.erase_texts(thread_ids=[locked.thread_id], by=by)
    _remove_files(locked, by)
    mail.forget_about(locked.pk)
    for purpose in (FILER_LINK, MAIL_LINK, CO_FILER_LINK, INVITE_LINK):
        revoke_links(object_id=locked.pk, purpose=purpose, by=by)
    locked.filer_person, locked.text_state = None, Moderation.WITHHELD
    locked.pending = writing.count_pending(locked)
    writing.save(locked, "filer_person", "text_state", "pending")
    writing.step(locked, CaseStep.Kind.ERASED, by)
    writing.record("erase", locked, by)
    events.publish(CaseErased(case_id=locked.pk, case_type=locked.case_type))
    for part in Case.objects.filter(relations__main=locked, relations__kind=Relation.Kind.PART_OF):
        erase_personal(case=part, by=SYSTEM)
    return locked


def _remove_files(case: Case, by: Viewer) -> None:
    """The residents' photos, and of those of staff what was not shown: originals of blurred ones and the unapproved."""
    rows: Any = CaseFile.objects.filter(case=case)
    kept = rows.filter(phase=CaseFile.Phase.RESOLVED, state=Moderation.APPROVED).values_list("file_id", flat=True)
    every = {pk for pair in rows.values_list("file_id", "original_id") for pk in pair if pk} - set(kept)
    for file in stored.files_by_id(every).values():
        files.remove(file=file, by=by)
