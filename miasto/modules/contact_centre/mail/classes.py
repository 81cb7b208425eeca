"""The classes of letters with what the law says of each, shown to the operator before a choice is made.

Sources: KPA (Code of Administrative Procedure) art. 57, 63-65, 221-247; Regulation of the Council of Ministers of 8 January
2002 on receiving complaints and proposals (Dz.U. 2002 No 5 item 46) § 5, § 8; Act of 11 July 2014 on petitions art. 4, 6, 7,
10; Act of 6 September 2001 on access to public information art. 10, 13, 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases.selectors import due_on
from miasto.modules.contact_centre.case_type import KEY as REPORT
from miasto.modules.contact_centre.mail.case_types import COMPLAINT, INFORMATION, PETITION, PROPOSAL


@dataclass(frozen=True, kw_only=True)
class LetterClass:
    """A class of letters. ``case_type`` is what it becomes, empty for no case. ``law`` cites, ``points`` say in plain words
    what follows from the choice. ``draft`` names the prepared answer; ``identity`` what must not be missing: "strict" (left
    unexamined without name and address), or empty. ``reply`` tells whether the sender must get an answer with the choice.
    """

    key: str
    name: Any
    meaning: Any
    law: Any = ""
    points: tuple[Any, ...] = ()
    case_type: str = ""
    identity: str = ""
    draft: str = ""
    reply: str = ""
    icon: str = "mail"

    def due_on(self, received_on: date) -> date | None:
        """The last day for the answer, for a letter received on a local day; None where no term runs."""
        return due_on(self.case_type, received_on) if self.case_type and self.case_type != REPORT else None


CLASSES = (
    LetterClass(
        key="report",
        name=_("Zgłoszenie"),
        meaning=_("Coś w mieście nie działa albo przeszkadza: dziura, latarnia, śmieci."),
        points=(
            _("Trafi do kolejki zgłoszeń i do jednostki, która odpowiada za wybraną kategorię."),
            _("Jeśli brakuje miejsca, program sam o nie zapyta. Odpowiedź e-mailem dołączy do zgłoszenia."),
        ),
        case_type=REPORT,
        icon="megaphone",
    ),
    LetterClass(
        key="complaint",
        name=_("Skarga"),
        meaning=_("Ktoś zarzuca urzędowi zaniedbanie, złe wykonanie zadań, naruszenie prawa albo zwłokę."),
        law=_("art. 221–240 KPA; § 5 i § 8 rozporządzenia z 8 stycznia 2002 r."),
        points=(
            _("Trzeba ją załatwić w ciągu miesiąca od dnia wpływu (art. 237 § 1). Zwykły e-mail wystarczy (§ 5)."),
            _("Bez imienia i nazwiska oraz adresu pozostaje bez rozpoznania (§ 8 ust. 1). Możesz o nie poprosić."),
            _("Gdy nie wiadomo, czego dotyczy, wzywa się do wyjaśnienia w ciągu 7 dni od wezwania (§ 8 ust. 2)."),
            _("Skargę na prezydenta miasta rozpatruje rada miasta (art. 229 pkt 3)."),
        ),
        case_type=COMPLAINT,
        identity="strict",
        draft="identity",
        icon="message-circle-warning",
    ),
    LetterClass(
        key="proposal",
        name=_("Wniosek (postulat)"),
        meaning=_("Ktoś proponuje ulepszenie: nową ławkę, lepszą organizację, oszczędność, zapobieżenie nadużyciom."),
        law=_("art. 241–247 KPA; § 5 i § 8 rozporządzenia z 8 stycznia 2002 r."),
        points=(
            _("Trzeba go załatwić w ciągu miesiąca od dnia wpływu (art. 244 § 1). Zwykły e-mail wystarczy (§ 5)."),
            _("Bez imienia i nazwiska oraz adresu pozostaje bez rozpoznania (§ 8 ust. 1)."),
            _("Jeśli należy do innego urzędu, przekazuje się go w ciągu 7 dni (art. 243)."),
        ),
        case_type=PROPOSAL,
        identity="strict",
        draft="identity",
        icon="lightbulb",
    ),
    LetterClass(
        key="petition",
        name=_("Petycja"),
        meaning=_("Ktoś żąda zmiany przepisów, rozstrzygnięcia lub działania dla dobra wspólnego. Decyduje treść, nie tytuł."),
        law=_("ustawa z 11 lipca 2014 r. o petycjach"),
        points=(
            _("Trzeba ją rozpatrzyć w ciągu 3 miesięcy od dnia złożenia (art. 10 ust. 1)."),
            _("Gdy nie zależy to od urzędu, termin można przedłużyć najwyżej o 3 miesiące (art. 10 ust. 3)."),
            _("Bez oznaczenia wnoszącego, jego miejsca zamieszkania i adresu pozostaje bez rozpatrzenia (art. 7 ust. 1)."),
            _(
                "Inne braki: w ciągu 30 dni od złożenia wzywa się do uzupełnienia w ciągu 14 dni (art. 7 ust. 2). "
                "Treść petycji publikuje się na stronie urzędu (art. 8)."
            ),
            _("Sprawa trafi od razu do publicznego rejestru petycji. Treść dopuszcza się w kolejce publikacji."),
        ),
        case_type=PETITION,
        identity="strict",
        draft="identity",
        icon="users",
    ),
    LetterClass(
        key="information",
        name=_("Wniosek o informację publiczną"),
        meaning=_("Ktoś chce dokumentów, danych albo wiadomości o działaniu miasta."),
        law=_("ustawa z 6 września 2001 r. o dostępie do informacji publicznej"),
        points=(
            _("Informację udostępnia się w ciągu 14 dni od złożenia wniosku (art. 13 ust. 1)."),
            _("Opóźnienie: w tych 14 dniach podaje się powód i nowy termin, najwyżej 2 miesiące od złożenia (art. 13 ust. 2)."),
            _("Nie trzeba podawać nazwiska, adresu ani powodu (art. 2). Zwykły e-mail wystarczy."),
        ),
        case_type=INFORMATION,
        icon="file-search",
    ),
    LetterClass(
        key="application",
        name=_("Podanie"),
        meaning=_("Ktoś chce decyzji, zaświadczenia, zgody, odwołuje się albo wnosi inne pismo w swojej sprawie urzędowej."),
        law=_("art. 63 § 1 KPA"),
        points=(
            _("Podanie wniesione zwykłym e-mailem pozostawia się bez rozpoznania: żaden termin nie zaczyna biec."),
            _("Odpisz, jak je złożyć skutecznie: e-Doręczenia, ePUAP albo papier. Gotową odpowiedź masz poniżej."),
        ),
        draft="application",
        reply="required",
        icon="file-pen",
    ),
    LetterClass(
        key="elsewhere",
        name=_("Nie do nas"),
        meaning=_("Sprawą zajmuje się inny urząd albo firma."),
        law=_("art. 65, art. 231 i art. 243 KPA"),
        points=(
            _("Skargę lub wniosek przekazuje się w ciągu 7 dni albo wskazuje właściwy urząd (art. 231 § 1, art. 243)."),
            _("Napisz, kto się tym zajmuje i jak się z nim skontaktować."),
        ),
        draft="elsewhere",
        reply="required",
        icon="forward",
    ),
    LetterClass(
        key="question",
        name=_("Pytanie"),
        meaning=_("Ktoś pyta o godziny, opłaty, dokumenty – da się odpowiedzieć od razu."),
        points=(_("Odpowiedz teraz. Sprawa nie powstanie."),),
        draft="question",
        reply="required",
        icon="circle-help",
    ),
    LetterClass(
        key="thanks",
        name=_("Podziękowanie"),
        meaning=_("Ktoś dziękuje albo chwali i niczego nie chce."),
        points=(_("Sprawa nie powstanie. Możesz odpisać kilka słów."),),
        draft="thanks",
        reply="optional",
        icon="heart",
    ),
    LetterClass(
        key="spam",
        name=_("Spam lub reklama"),
        meaning=_("Nic, co trzeba załatwić."),
        points=(_("Nadawca nie dostanie odpowiedzi. Treść usuniemy po 30 dniach."),),
        icon="trash-2",
    ),
)
_BY_KEY = {one.key: one for one in CLASSES}


def letter_class(key: str) -> LetterClass:
    """The class of a key; raises ``KeyError``."""
    return _BY_KEY[key]


def name_of(key: str) -> Any:
    """The name of a class; empty for none."""
    return _BY_KEY[key].name if key in _BY_KEY else ""
