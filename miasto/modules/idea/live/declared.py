"""What live votes add to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, PersonalData
from miasto.kernel.spec.ui import PanelPage, Shared
from miasto.modules.idea.live import privacy
from miasto.modules.idea.live.models import MANAGE
from miasto.modules.idea.naming import brand_later

CHANGES = {
    "created": _("założono spotkanie z głosowaniem na żywo"),
    "updated": _("zmieniono spotkanie z głosowaniem na żywo"),
    "started": _("rozpoczęto spotkanie z głosowaniem na żywo"),
    "ended": _("zakończono spotkanie z głosowaniem na żywo"),
    "question": _("zapisano pytanie w porządku obrad"),
    "question_deleted": _("usunięto pytanie z porządku obrad"),
    "cards": _("zrobiono karty do głosowania tajnego"),
    "cards_withdrawn": _("unieważniono nieużyte karty do głosowania"),
    "listed": _("dopisano osoby do listy głosujących"),
    "new_codes": _("wydano nowe kody osobiste"),
    "person_removed": _("skreślono osobę z listy głosujących"),
    "joined": _("ktoś wszedł na spotkanie"),
    "present": _("zapisano obecność osoby z listy"),
    "opened": _("otwarto głosowanie na żywo"),
    "closed": _("zamknięto głosowanie na żywo"),
    "shown": _("pokazano wynik głosowania na żywo"),
    "hidden": _("ukryto wynik głosowania na żywo"),
    "second_round": _("przygotowano drugą turę"),
    "moderated": _("uporządkowano odpowiedzi"),
    "voted": _("oddano głos imienny"),
    "published": _("opublikowano wyniki spotkania"),
}
LIVE = (
    *(ChangeName(key=f"idea.live_{key}", name=name) for key, name in CHANGES.items()),
    Shared(key="idea.live", models=("idea.LiveMeeting", "idea.LiveQuestion")),
    PersonalData(
        key="idea.live",
        name=_("Uczestnicy spotkań z głosowaniem na żywo"),
        purpose=_("Żeby każdy głosował raz, było wiadomo, czy jest kworum, i dało się ogłosić głosowanie imienne."),
        retention=_("Rok po spotkaniu. Na żądanie odcinamy konto od razu."),
        stays=_("Opublikowane wyniki, a w głosowaniach imiennych – nazwiska z listy. Głosów tajnych nie łączy z nikim nic."),
        export=privacy.export,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    PanelPage(
        key="idea.live",
        label=_("Głosowania na żywo"),
        url_name="idea_panel:live",
        icon="vote",
        permission=MANAGE,
        group=brand_later(),
        order=230,
    ),
)
