"""Answering by a link sent to an address: the address is in the message alone, the survey knows a digest of it."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from miasto.kernel.core import mail
from miasto.modules.idea.surveys import privacy
from miasto.modules.idea.surveys.models import Survey
from miasto.modules.idea.surveys.services import digest

SALT = "idea.survey"


def months() -> int:
    """How long unpublished words are kept after a survey closed."""
    return privacy.months()


@transaction.atomic
def invite(*, survey: Survey, email: str) -> None:
    """Send the link by which this address answers once; whether it has answered is not told."""
    who = digest(survey, "email", email.strip().lower())
    token = signing.dumps({"survey": str(survey.pk), "who": who}, salt=SALT)
    url = f"{settings.BASE_URL}{reverse('idea:survey_enter', args=[survey.slug, token])}"
    mail.enqueue(
        to=email.strip(),
        subject=_("Odsyłacz do ankiety: %(title)s") % {"title": survey.title},
        text=_(
            "Dzień dobry,\n\ntym odsyłaczem otworzysz ankietę „%(title)s”:\n%(url)s\n\n"
            "Odsyłacz pozwala odpowiedzieć raz. Nie zapisujemy, kto odpowiedział.\n"
            "Jeśli to nie Ty o niego prosisz, nie rób nic."
        )
        % {"title": survey.title, "url": url},
        about_id=survey.pk,
    )


def who_of(survey: Survey, token: str) -> str:
    """The digest in a link of this survey; raises ``signing.BadSignature``."""
    data = signing.loads(token, salt=SALT, max_age=60 * 24 * 3600)
    if data.get("survey") != str(survey.pk):
        raise signing.BadSignature("another survey")
    return str(data["who"])
