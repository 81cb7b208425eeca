"""Who is told of a request."""

from __future__ import annotations

from miasto.kernel.accounts.selectors import people_in
from miasto.kernel.notifications.services import Recipient, ask_to_confirm, notify, quoted
from miasto.modules.idea.requests import services
from miasto.modules.idea.requests.events import RequestMoved, SignatureToConfirm
from miasto.modules.idea.requests.models import MANAGE, ConsultationRequest, Fate, Signature

FOR_STAFF, FOR_AUTHOR = "idea.request_staff", "idea.request_author"


def tell_moved(event: RequestMoved) -> None:
    """The unit of what it has to read or to answer; the author of everything that others did."""
    row = ConsultationRequest.objects.get(pk=event.request_id)
    context = {"title": row.title, "fate": event.fate, "signed": row.signed, "reasons": quoted(row.reasons)}
    once = f"idea:request:{row.pk}:{event.fate}:{row.process_id or ''}"
    if event.fate in (Fate.CHECKED, Fate.REACHED):
        to = [Recipient(person_id=pk) for pk in people_in([row.unit_id], MANAGE).values_list("pk", flat=True)]
        notify(topic=FOR_STAFF, to=to, context=context, url=f"/panel/idea/wnioski/{row.pk}/", about_id=row.pk, once=once)
    if event.fate != Fate.CHECKED and row.author_id:
        author = Recipient(person_id=row.author_id, language=row.language)
        notify(topic=FOR_AUTHOR, to=[author], context=context, url=f"/idea/wnioski/{row.slug}/", about_id=row.pk, once=once)


def tell_to_confirm(event: SignatureToConfirm) -> None:
    """The only message to an address that nobody has confirmed."""
    one = Signature.objects.select_related("request").filter(pk=event.signature_id, confirmed_at=None).first()
    if one is not None and one.email:
        to = Recipient(email=one.email, language=one.language)
        once = f"idea:request:confirm:{one.pk}:{event.asked}"
        ask_to_confirm(services.ADDRESS, row_id=one.pk, to=to, once=once, context={"title": one.request.title})
