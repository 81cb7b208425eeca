"""Answers prepared for the operator, in plain words; the operator reads and changes them before they go out."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from miasto.kernel.core.city import city
from miasto.modules.contact_centre.mail.models import LetterText

_PREFIXES = re.compile(r"^\s*((re|fwd?|odp|pd|aw)\s*(\[\d+\])?\s*[.:]+\s*)+", re.IGNORECASE)


def plain_subject(subject: str) -> str:
    """A subject without "Re:", "Odp.:" and the like."""
    return _PREFIXES.sub("", subject).strip()


def draft(key: str, text: LetterText) -> str:
    """The prepared answer of a name in ``LetterClass.draft``; empty for none."""
    makers = {"application": application, "elsewhere": elsewhere, "question": question, "thanks": thanks, "identity": identity}
    return makers[key](text) if key in makers else ""


def _wrapped(*paragraphs: str) -> str:
    return "\n\n".join([_("Dzień dobry,"), *(one for one in paragraphs if one), _("Centrum Kontaktu")])


def application(text: LetterText) -> str:
    """How to file an application so that it counts (KPA art. 63 § 1)."""
    contacts = city().contacts
    return _wrapped(
        _("dziękujemy za wiadomość. To, o co prosisz, wymaga podania, a podania nie można złożyć zwykłym e-mailem: "
          "zgodnie z art. 63 § 1 Kodeksu postępowania administracyjnego zostaje ono bez rozpoznania."),
        _("Żebyśmy mogli zająć się sprawą, złóż podanie w jeden z tych sposobów:"),
        _("– przez e-Doręczenia, na adres urzędu (edoreczenia.gov.pl),\n– przez ePUAP, pismem ogólnym (epuap.gov.pl),\n"
          "– na papierze: w urzędzie albo pocztą, z własnoręcznym podpisem,\n– ustnie w urzędzie, do protokołu."),
        _("Adres urzędu: %(office)s, %(address)s. Telefon: %(phone)s.") % {
            "office": contacts.get("office", ""), "address": contacts.get("address", ""), "phone": contacts.get("phone", "")},
        _("W podaniu napisz, kto je wnosi, podaj adres i powiedz, o co prosisz. Termin na załatwienie sprawy zacznie biec, "
          "gdy podanie do nas dotrze."),
    )  # fmt: skip


def elsewhere(text: LetterText) -> str:
    """Who is competent; the operator fills it in."""
    return _wrapped(
        _("dziękujemy za wiadomość. Ta sprawa nie należy do miasta. Zajmuje się nią: […]."),
        _("Skontaktuj się z nimi: [adres, telefon, e-mail]."),
    )


def question(text: LetterText) -> str:
    """An answer to a question, to be filled in."""
    return _wrapped(_("odpowiadamy na pytanie: […]"))


def thanks(text: LetterText) -> str:
    """A few words for somebody who thanks."""
    return _wrapped(_("dziękujemy za dobre słowo. Przekażemy je osobom, które się tym zajmowały."))


def identity(text: LetterText) -> str:
    """The request for name and address, without which a complaint, a proposal or a petition is left unexamined."""
    missing = [
        words
        for words, there in ((_("imię i nazwisko"), text.sender_name), (_("adres do korespondencji"), text.sender_address))
        if not there
    ]
    if not missing:
        return ""
    return _wrapped(
        _("dziękujemy za pismo. Żebyśmy mogli je rozpatrzyć, podaj jeszcze: %(what)s.") % {"what": _(" i ").join(missing)},
        _("Bez tych danych prawo każe pozostawić pismo bez rozpoznania. Odpisz na tę wiadomość najlepiej w ciągu 7 dni."),
    )


def place(text: LetterText) -> str:
    """The question for the place of a report."""
    return _("Gdzie to jest? Podaj ulicę i numer, skrzyżowanie albo przystanek. Wystarczy odpisać na tę wiadomość.")


def unclear(text: LetterText) -> str:
    """The call to explain what a complaint or proposal is about (§ 8 of the regulation of 8 January 2002)."""
    return _wrapped(
        _("z pisma nie wynika jasno, czego dotyczy. Wyjaśnij to, odpisując w ciągu 7 dni od dnia, w którym ta wiadomość "
          "do Ciebie dotarła: czego i kogo dotyczy sprawa, kiedy i gdzie się zdarzyła."),
        _("Jeśli w tym czasie nie dostaniemy wyjaśnienia, pismo zostanie bez rozpoznania (§ 8 ust. 2 rozporządzenia Rady "
          "Ministrów z 8 stycznia 2002 r. w sprawie organizacji przyjmowania i rozpatrywania skarg i wniosków)."),
    )  # fmt: skip
