"""The few form fields and widgets that Django lacks, for engines and modules."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.numbers import MINUS


class DateParts(forms.MultiWidget):
    """Day, month and year in three fields, which people fill in faster and with fewer mistakes than a calendar.

    The value is an ISO date text, so it serves ``forms.DateField`` directly; an incomplete date stays as typed.
    """

    template_name = "ui/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput() for _part in ("day", "month", "year")], attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["invalid"] = (context["widget"]["attrs"] or {}).get("aria-invalid") == "true"
        labels = ((_("Dzień"), 2), (_("Miesiąc"), 2), (_("Rok"), 4))
        for part, (label, width) in zip(context["widget"]["subwidgets"], labels, strict=True):
            part["label"], part["width"] = label, width
        return context

    def decompress(self, value: Any) -> list[str]:
        if not value:
            return ["", "", ""]
        year, month, day = (str(value).split("-") + ["", "", ""])[:3]
        return [day.lstrip("0"), month.lstrip("0"), year]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        day, month, year = (str(part or "").strip() for part in super().value_from_datadict(data, files, name))
        if not (day or month or year):
            return ""
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}"


class NumberField(forms.FloatField):
    """A number as people write it: with the sign of their language, spaces between thousands, and the minus that pages print.

    Its keyboard has a minus: ``inputmode="decimal"`` of telephones has none, so give that only to what is above zero.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"class": "govuk-input--width-10"}))
        kwargs.setdefault("error_messages", {}).setdefault("invalid", _("Wpisz liczbę, na przykład 12,5."))
        super().__init__(localize=True, **kwargs)

    def to_python(self, value: Any) -> float | None:
        if isinstance(value, str):
            value = re.sub(r"[\s\u00a0\u202f]", "", value).replace(MINUS, "-").replace("\u2013", "-")
        return super().to_python(value)


class MultipleFileInput(forms.FileInput):
    """A file field that takes several files at once."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several uploaded files; ``clean`` returns a list (empty where none was sent)."""

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        single = super().clean
        if isinstance(data, list | tuple) and data:
            return [single(item, initial) for item in data]
        cleaned = single(data, initial)
        return [cleaned] if cleaned else []


class LongSelect(forms.Select):
    """A list of many choices (districts, categories): its options are made without Django's context for each of them."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[tuple[Any, list[Any], int]]:
        chosen = set(value)
        groups = []
        for index, (key, label) in enumerate(self.choices):
            whole = isinstance(label, list | tuple)
            members = label if whole else [(key, label)]
            groups.append((key if whole else None, [_option(one, text, chosen) for one, text in members], index))
        return groups


def _option(value: Any, label: Any, chosen: set[str]) -> dict[str, Any]:
    return {"value": value, "label": label, "attrs": {"selected": True} if str(value) in chosen else {}}
