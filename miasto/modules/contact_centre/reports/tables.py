"""The figures as tables: for the page, for CSV and JSON, for the monthly report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.cases import selectors as cases
from miasto.kernel.ui.charts import Pairs, Series
from miasto.modules.contact_centre.reports.asking import Question
from miasto.modules.contact_centre.reports.months import month_name

FIGURES = (
    "filed", "responded", "response_median_h", "response_p90_h", "response_in_time_percent", "solved", "solution_median_d",
    "solution_p90_d", "in_time_percent", "disputed_percent", "confirmed_percent",
)  # fmt: skip
COLUMNS = (
    ("by", gettext_lazy("podział, do którego należy wiersz: total, unit, category albo month")),
    ("key", gettext_lazy("identyfikator jednostki, skrót kategorii albo miesiąc RRRR-MM; puste w wierszu total")),
    ("name", gettext_lazy("nazwa jednostki, kategorii lub miesiąca")),
    ("filed", gettext_lazy("liczba zgłoszeń przyjętych w okresie")),
    ("responded", gettext_lazy("liczba zgłoszeń, na które w okresie pierwszy raz odpowiedziano")),
    ("response_median_h", gettext_lazy("mediana czasu do pierwszej odpowiedzi, w godzinach")),
    ("response_p90_h", gettext_lazy("czas, w którym pierwszą odpowiedź dostało 90% zgłoszeń, w godzinach")),
    ("response_in_time_percent", gettext_lazy("odsetek pierwszych odpowiedzi w obiecanym czasie")),
    ("solved", gettext_lazy("liczba zgłoszeń załatwionych w okresie")),
    ("solution_median_d", gettext_lazy("mediana czasu do załatwienia bez przerw, w dniach")),
    ("solution_p90_d", gettext_lazy("czas, w którym załatwiono 90% zgłoszeń, bez przerw, w dniach")),
    ("in_time_percent", gettext_lazy("odsetek zgłoszeń załatwionych w terminie")),
    ("disputed_percent", gettext_lazy("odsetek załatwionych zgłoszeń, które zakwestionowała osoba zgłaszająca")),
    ("confirmed_percent", gettext_lazy("odsetek załatwionych zgłoszeń, które osoba zgłaszająca potwierdziła")),
)
DEFINITIONS = (
    (gettext_lazy("Zgłoszone"), gettext_lazy("Zgłoszenia, które wpłynęły w wybranym okresie, bez pomyłek i spamu.")),
    (
        gettext_lazy("Pierwsza odpowiedź"),
        gettext_lazy(
            "Czas od zgłoszenia do chwili, gdy ktoś z miasta pierwszy raz coś z nim zrobił lub odpisał: zaczął pracę, "
            "zapytał, odpowiedział. Automatyczne potwierdzenie przyjęcia się nie liczy."
        ),
    ),
    (
        gettext_lazy("Załatwione"),
        gettext_lazy(
            "Zgłoszenia, na które miasto odpowiedziało w wybranym okresie: problem usunięto, sprawę przekazano właściwej "
            "instytucji albo odmówiono z podaniem powodu. Sprawa otwarta ponownie liczy się dopiero po nowym załatwieniu."
        ),
    ),
    (
        gettext_lazy("Czas do załatwienia"),
        gettext_lazy(
            "Dni kalendarzowe od zgłoszenia do załatwienia. Nie liczymy czasu, w którym czekaliśmy na osobę zgłaszającą lub "
            "na instytucję spoza miasta, ani czasu, gdy sprawa uchodziła za załatwioną, zanim ją zakwestionowano."
        ),
    ),
    (
        gettext_lazy("Mediana i 90%"),
        gettext_lazy(
            "Mediana 3 dni znaczy, że połowę spraw załatwiono w 3 dni lub szybciej. „90% w 10 dni” znaczy, że dłużej czekała "
            "jedna sprawa na dziesięć. Oba czasy podajemy z dokładnością do 1%."
        ),
    ),
    (
        gettext_lazy("W terminie"),
        gettext_lazy(
            "Odsetek spraw załatwionych najpóźniej w ostatnim dniu terminu. Gdy czekamy na kogoś spoza urzędu, termin się "
            "przesuwa o czas czekania."
        ),
    ),
    (
        gettext_lazy("Zakwestionowane i potwierdzone"),
        gettext_lazy(
            "Wśród spraw załatwionych w okresie: ile razy osoba zgłaszająca nie zgodziła się z rozwiązaniem i ile razy sama "
            "potwierdziła, że problem zniknął. Większość osób nie robi ani jednego, ani drugiego."
        ),
    ),
    (
        gettext_lazy("Małe liczby"),
        gettext_lazy(
            "Czasów i odsetków dla mniej niż 5 spraw nie podajemy, bo mogłyby wskazać konkretną osobę. Sposób zgłoszenia "
            "pokazujemy tylko dla całego miasta: liczby mniejsze niż 5 ukrywamy, a pozostałe zaokrąglamy do piątek."
        ),
    ),
)  # fmt: skip


def channel_name(channel: str) -> str:
    """How a report came in, in plain words."""
    names = {
        "web": _("strona internetowa"), "phone": _("telefon"), "email": _("e-mail"), "desk": _("osobiście w urzędzie"),
        "letter": _("list"), "api": _("inne aplikacje"), "kiosk": _("kiosk"), "social": _("media społecznościowe i czat"),
    }  # fmt: skip
    return names.get(channel, channel)


def row_of(sums: cases.Sum, **more: Any) -> dict[str, Any]:
    """The figures that may be told of a sum, by the names of ``COLUMNS``."""
    return {**more, **{name: getattr(sums, name) for name in FIGURES}}


def unit_rows(found: cases.Statistics, question: Question) -> list[dict[str, Any]]:
    """A row for each unit."""
    return [row_of(sums, key=str(pk), name=question.names.units.get(pk, "–")) for pk, sums in found.by_unit.items()]


def category_rows(found: cases.Statistics, question: Question) -> list[dict[str, Any]]:
    """A row for each category; the slug is its lasting key."""
    names, slugs = question.names.categories, question.names.slugs
    return [
        row_of(sums, key=slugs.get(pk, ""), name=names.get(pk, _("bez kategorii"))) for pk, sums in found.by_category.items()
    ]


def month_rows(found: cases.Statistics) -> list[dict[str, Any]]:
    """A row for each month, oldest first."""
    return [row_of(sums, key=f"{month:%Y-%m}", name=month_name(month)) for month, sums in found.by_month.items()]


def all_rows(found: cases.Statistics, question: Question) -> Iterator[dict[str, Any]]:
    """Everything in one table for downloads, the columns as in ``COLUMNS``."""
    yield {"by": "total", **row_of(found.total, key="", name="")}
    parts = (
        ("unit", unit_rows(found, question)),
        ("category", category_rows(found, question)),
        ("month", month_rows(found)),
    )
    for by, rows in parts:
        yield from ({"by": by, **row} for row in rows)


def charts(found: cases.Statistics) -> dict[str, Any]:
    """The charts of the months; None where there is only one."""
    if len(found.by_month) < 2:
        return {}
    rows = [(f"{month:%m.%y}", month_name(month), sums) for month, sums in found.by_month.items()]
    return {
        "flow": Pairs(
            _("Zgłoszone i załatwione w kolejnych miesiącach"),
            _("Miesiąc"),
            (_("zgłoszone"), _("załatwione")),
            [(short, sums.filed, sums.solved) for short, _name, sums in rows],
        ),
        "speed": Series(
            _("Mediana czasu do załatwienia w kolejnych miesiącach"),
            _("Miesiąc"),
            _("dni"),
            [(short, sums.solution_median_d or 0) for short, _name, sums in rows],
        ),
    }


def channels(sums: cases.Sum) -> list[dict[str, Any]]:
    """Channels with names and what may be told of them."""
    return [
        {"name": channel_name(share.channel), "count": share.count, "percent": share.percent}
        for share in cases.channel_shares(sums.channels)
    ]


def documented() -> Iterable[tuple[str, Any]]:
    """The columns of the downloads with their meanings."""
    return COLUMNS
