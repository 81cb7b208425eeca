"""What surveys add to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, PersonalData
from miasto.kernel.spec.ui import Api, PanelPage
from miasto.modules.idea.naming import brand_later
from miasto.modules.idea.surveys import privacy
from miasto.modules.idea.surveys.api import router
from miasto.modules.idea.surveys.models import ANSWER

CHANGES = {
    "created": _("założono ankietę"),
    "updated": _("zmieniono ankietę"),
    "questions": _("zmieniono pytania ankiety"),
    "published": _("opublikowano ankietę"),
    "closed": _("zamknięto ankietę i usunięto ślad, kto odpowiadał"),
    "results": _("opublikowano wyniki ankiety"),
    "paper": _("dopisano odpowiedź z papieru"),
    "words": _("zdecydowano o publikacji odpowiedzi własnymi słowami"),
    "imported": _("wczytano odpowiedzi ankiety"),
}
SURVEYS = (
    *(ChangeName(key=f"idea.survey_{key}", name=name) for key, name in CHANGES.items()),
    PersonalData(
        key="idea.surveys",
        name=_("Odpowiedzi na ankiety"),
        purpose=_("Żeby dowiedzieć się, co myślą mieszkańcy. Nie zapisujemy, kto odpowiedział."),
        retention=_(
            "W czasie ankiety trzymamy skrót, po którym poznajemy, że ktoś już odpowiedział; usuwamy go razem z kluczem, "
            "gdy ankietę zamykamy. Odpowiedzi własnymi słowami, których nie opublikowaliśmy, usuwamy po roku."
        ),
        stays=_("Odpowiedzi do policzenia, zaznaczone miejsca i opublikowane słowa; nie wiadomo, czyje."),
        export=privacy.export,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    PanelPage(
        key="idea.surveys",
        label=_("Ankiety"),
        url_name="idea_panel:surveys",
        icon="clipboard-list",
        permission=ANSWER,
        group=brand_later(),
        order=205,
    ),
    Api(key="idea.survey_api", prefix="participation/surveys", router=router, name=_("Ankiety")),
)
