"""Invented people: the staff of the units, some residents, and one account for each role."""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOMAIN = "demo.invalid"
PASSWORD = "pokaz-miasta-2026"  # noqa: S105 - the accounts of the demo are for everybody
NAMES = tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))
WOMEN, MEN, SURNAMES = (NAMES[part].split() for part in ("women", "men", "surnames"))


@dataclass(frozen=True)
class Account:
    """An account that ``run`` prints. ``role`` is empty for a resident; ``competence`` picks the unit, empty for citywide."""

    email: str
    name: str
    what: str
    role: str = ""
    competence: str = ""


ACCOUNTS = (
    Account(f"mieszkanka@{DOMAIN}", "Maria Przykładowa", "mieszkanka: zgłasza i śledzi swoje sprawy"),
    Account(
        f"urzednik@{DOMAIN}",
        "Urszula Wzorowa",
        "urzędniczka: załatwia zgłoszenia swojej jednostki",
        "cases.clerk",
        "roads.repair",
    ),
    Account(
        f"kierownik@{DOMAIN}", "Karol Pokazowy", "kierownik: przydziela i rozstrzyga spory", "cases.supervisor", "roads.repair"
    ),
    Account(f"centrum@{DOMAIN}", "Cecylia Próbna", "centrum kontaktu: widzi i rozdziela wszystko", "contact_centre.operator"),
    Account(f"redakcja@{DOMAIN}", "Renata Zmyślona", "redaktorka: pisze poradnik, zmienia godziny otwarcia", "content.editor"),
    Account(f"koordynator@{DOMAIN}", "Kinga Wymyślona", "koordynator: trasy spraw i instytucje", "cases.coordinator"),
    Account(
        f"konsultacje@{DOMAIN}",
        "Kamila Pokazowa",
        "koordynatorka konsultacji: ogłasza, odpowiada na uwagi, zamyka",
        "participation.coordinator",
        "participation.lead",
    ),
    Account(
        f"komisja@{DOMAIN}",
        "Klara Zmyślona",
        "komisja głosowania: klucz, zamknięcie i otwarcie urny",
        "participation.committee",
    ),
    Account(f"punkt@{DOMAIN}", "Paweł Wzorowy", "punkt do głosowania: wydaje karty papierowe", "participation.officer"),
    Account(f"koperty@{DOMAIN}", "Kornelia Próbna", "punkt do głosowania: wpisuje głosy z kopert", "participation.officer"),
    Account(
        f"pomiary@{DOMAIN}",
        "Patrycja Zmyślona",
        "opiekunka pomiarów: czujniki, kwarantanna odczytów, alerty",
        "observations.keeper",
    ),
    Account(f"administrator@{DOMAIN}", "Adam Zmyślony", "administrator: konta, role, jednostki", "accounts.admin"),
)


class Crowd:
    """Draws people with different names and addresses; the same seed gives the same people."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"people-{seed}")
        self.taken: set[str] = set()

    def person(self, **fields: Any) -> dict[str, Any]:
        """A row for ``accounts.services.import_people``."""
        while True:
            woman = self.dice.random() < 0.55
            first = self.dice.choice(WOMEN if woman else MEN)
            surname = self.dice.choice(SURNAMES).split(":")[-1 if woman else 0]
            email = f"{_ascii(first)}.{_ascii(surname)}@{DOMAIN}"
            if email not in self.taken:
                self.taken.add(email)
                return {"email": email, "name": f"{first} {surname}", "password": PASSWORD, **fields}


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("ł", "l"))
    return plain.encode("ascii", "ignore").decode()


def staff(units: Iterable[Any], crowd: Crowd) -> list[dict[str, Any]]:
    """A supervisor and one to three clerks for each unit; rows for ``import_people``."""
    rows = []
    for unit in units:
        rows.append(crowd.person(roles=[("cases.supervisor", unit), ("cases.clerk", unit)]))
        rows.extend(crowd.person(roles=[("cases.clerk", unit)]) for _ in range(crowd.dice.choice((1, 2, 2, 3))))
    return rows


def operators(crowd: Crowd, count: int = 4) -> list[dict[str, Any]]:
    """People of the contact centre, who see the whole city."""
    return [crowd.person(roles=[("contact_centre.operator", None)]) for _ in range(count)]


def residents(crowd: Crowd, count: int = 60) -> list[dict[str, Any]]:
    """Residents with accounts; a tenth read English."""
    return [crowd.person(language="en" if crowd.dice.random() < 0.1 else "pl") for _ in range(count)]
