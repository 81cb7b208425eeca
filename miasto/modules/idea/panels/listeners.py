"""What follows from the draw."""

from __future__ import annotations

from miasto.kernel.notifications.services import Recipient, notify
from miasto.modules.idea.panels import jobs
from miasto.modules.idea.panels.events import ApplicantInvited, PanelClosed
from miasto.modules.idea.panels.models import Applicant, State

INVITED = "idea.panel_invited"


def begin_list(event: PanelClosed) -> None:
    """The list takes seconds to a minute: a job of its own."""
    once = f"idea.panel_list:{event.panel_id}:{event.attempt}"
    jobs.make_list.defer(panel_id=str(event.panel_id), attempt=event.attempt, once=once)


def tell_invited(event: ApplicantInvited) -> None:
    """Whoever was drawn is asked whether they will come."""
    one = Applicant.objects.select_related("panel").filter(pk=event.applicant_id).first()
    if one is None or one.state != State.INVITED:
        return
    notify(
        topic=INVITED,
        to=[Recipient(person_id=one.person_id, language=one.language)],
        context={"title": one.panel.title, "number": one.number},
        url=f"/idea/panele/{one.panel.slug}/",
        about_id=one.pk,
        once=f"idea:panel:{one.pk}",
    )
