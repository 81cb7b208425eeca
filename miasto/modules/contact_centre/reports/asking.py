"""What the address of the statistics asks for, and the choices of its form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.accounts.selectors import unit_names
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.places.selectors import districts
from miasto.kernel.ui.fields import LongSelect
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.reports.months import month_name

LAST_YEAR = ""
MONTHS_SHOWN = 24


@dataclass(frozen=True)
class Names:
    """Names by identifier for the tables."""

    units: dict[UUID, str]
    categories: dict[int, str]
    slugs: dict[int, str]
    districts: dict[UUID, str]


def months_back(month: date, count: int) -> date:
    """The first day of the month so many months earlier."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def this_month() -> date:
    """The first day of the present month."""
    return clock.today().replace(day=1)


class StatisticsForm(forms.Form):
    """The filters of the statistics; their names are seen in the address, so they are Polish."""

    okres = forms.ChoiceField(label=gettext_lazy("Okres"), required=False, widget=LongSelect)
    jednostka = forms.ChoiceField(label=gettext_lazy("Jednostka"), required=False, widget=LongSelect)
    kategoria = forms.ChoiceField(label=gettext_lazy("Kategoria"), required=False, widget=LongSelect)
    obszar = forms.ChoiceField(label=gettext_lazy("Dzielnica lub osiedle"), required=False, widget=LongSelect)

    def __init__(self, *args: Any, periods: Any, names: Names, nodes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = sorted(names.units.items(), key=lambda pair: pair[1])
        areas = names.districts.items()
        self.fields["okres"].choices = periods
        self.fields["jednostka"].choices = [("", _("wszystkie")), *((str(pk), name) for pk, name in units)]
        self.fields["kategoria"].choices = [("", _("wszystkie")), *_category_choices(nodes)]
        self.fields["obszar"].choices = [("", _("całe miasto")), *((str(pk), name) for pk, name in areas)]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True


def _category_choices(nodes: Iterable[Any]) -> list[Any]:
    made: list[Any] = []
    for node in nodes:
        whole = (node.category.slug, _("%(group)s – wszystkie") % {"group": node.category.title})
        leaves = [(child.category.slug, child.category.title) for child in node.children]
        made.append((node.category.title, [whole, *leaves]) if leaves else (node.category.slug, node.category.title))
    return made


def periods(first: date | None) -> list[tuple[str, str]]:
    """The last twelve months, single months, whole years; newest first."""
    now = this_month()
    begin = max(first or now, months_back(now, MONTHS_SHOWN - 1))
    months = [(f"{month:%Y-%m}", month_name(month)) for month in reversed(cases.months_between(begin, now))]
    years = [(str(year), _("cały rok %(year)s") % {"year": year}) for year in range(now.year, (first or now).year - 1, -1)]
    return [(LAST_YEAR, _("ostatnie 12 miesięcy")), *years, *months]


def span(period: str) -> tuple[date, date]:
    """The first and the last month of a period of ``periods``."""
    now = this_month()
    if len(period) == 7:
        month = date(int(period[:4]), int(period[5:]), 1)
        return month, month
    if period:
        return date(int(period), 1, 1), min(date(int(period), 12, 1), now)
    return months_back(now, 11), now


@dataclass(frozen=True)
class Question:
    """A question as it was understood: the form, the query of the engine, the names for the tables."""

    form: StatisticsForm
    asked: cases.Asked
    names: Names

    @property
    def narrowed(self) -> bool:
        """Whether it is about a part of the city, not the whole of it."""
        return bool(self.asked.unit or self.asked.categories or self.asked.district)


def understood(query: Any) -> Question:
    """The question of an address; what it does not know is left out. At most 5 queries."""
    nodes = cases.categories(KEY)
    flat = [node.category for node in nodes] + [child.category for node in nodes for child in node.children]
    names = Names(
        units=unit_names(cases.units_counted(KEY)),
        categories={category.pk: category.title for category in flat},
        slugs={category.pk: category.slug for category in flat},
        districts=dict(districts().values_list("pk", "name")),
    )
    form = StatisticsForm(query, periods=periods(cases.first_month(KEY)), names=names, nodes=nodes)
    form.is_valid()
    data = form.cleaned_data
    first, last = span(data.get("okres") or "")
    return Question(
        form,
        cases.Asked(
            case_type=KEY,
            first=first,
            last=last,
            unit=UUID(data["jednostka"]) if data.get("jednostka") else None,
            categories=_with_children(nodes, data.get("kategoria") or ""),
            district=UUID(data["obszar"]) if data.get("obszar") else None,
        ),
        names,
    )


def _with_children(nodes: Iterable[Any], slug: str) -> tuple[int, ...]:
    """A category and those below it."""
    for node in nodes:
        if node.category.slug == slug:
            return (node.category.pk, *(child.category.pk for child in node.children))
        for child in node.children:
            if child.category.slug == slug:
                return (child.category.pk,)
    return ()
