"""What the ballot box says of itself: the words for its steps in the log of changes."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.participation.access import ELECTIONS, PAPERS
from miasto.kernel.participation.voting import confirming
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, Role

STEPS = {
    "created": _("przygotowano głosowanie"),
    "keyed": _("rozdano klucz komisji"),
    "opened": _("wystawiono urnę"),
    "closed": _("zamknięto urnę"),
    "tallied": _("otwarto urnę"),
    "published": _("ogłoszono wyniki głosowania"),
}
VOTING = (
    *(ChangeName(key=f"participation.election_{key}", name=name) for key, name in STEPS.items()),
    ChangeName(key="participation.voting_point_saved", name=_("zapisano punkt do głosowania")),
    ChangeName(key="participation.voting_point_officers", name=_("ustalono obsługę punktu do głosowania")),
    Permission(key=ELECTIONS, name=_("Prowadzi głosowania: klucz, otwarcie, zamknięcie i urna")),
    Permission(key=PAPERS, name=_("Wydaje karty papierowe i wpisuje z nich głosy w swoim punkcie")),
    Role(
        key="participation.committee",
        name=_("Komisja głosowania"),
        summary=_("Przygotowuje głosowanie, robi klucz, zamyka i otwiera urnę."),
        permissions=(ELECTIONS,),
        citywide=True,
    ),
    Role(
        key="participation.officer",
        name=_("Obsługa punktu do głosowania"),
        summary=_("Wydaje karty papierowe i wpisuje głosy w punktach, do których wyznaczyła ją komisja."),
        permissions=(PAPERS,),
        citywide=True,
    ),
    PersonalData(
        key="participation.confirmations",
        name=_("Potwierdzenie głosu numerem telefonu albo kontem"),
        purpose=_("Żeby jedna osoba miała jeden głos, a jeden numer potwierdził tyle głosów, ile pozwala regulamin."),
        retention=_("Do zamknięcia głosowania, w postaci skrótu, z którego nie da się odczytać ani numeru, ani osoby."),
        stays=_("Sam głos: nie da się go odnaleźć, bo nie wiadomo, czyj jest."),
        export=confirming.export,
        erase=confirming.erase,
    ),
)
