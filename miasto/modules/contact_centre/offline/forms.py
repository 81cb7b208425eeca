"""What the device sends, checked with the same words as on the report's path."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.ui.fields import MultipleFileField
from miasto.kernel.ui.questions import question_field
from miasto.modules.contact_centre.case_type import REPORT
from miasto.modules.contact_centre.forms import ContactForm, WhatForm


class OfflineForm(forms.Form):
    """One report: the device's key, the words, the category, a point or an address, photos, an e-mail address."""

    key = forms.UUIDField(
        error_messages={"required": _("Brakuje klucza zgłoszenia."), "invalid": _("Brakuje klucza zgłoszenia.")}
    )
    description = WhatForm.base_fields["description"]
    category = WhatForm.base_fields["category"]
    place = forms.CharField(max_length=200, required=False)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-85, max_value=85)
    email = ContactForm.base_fields["email"]
    photos = MultipleFileField(required=False)

    def clean(self) -> dict[str, Any]:
        """A report has a place, and not more photos than the type of the case takes."""
        cleaned = super().clean() or self.cleaned_data
        if not self.point and not cleaned.get("place"):
            self.add_error("place", _("Podaj miejsce: wpisz adres albo użyj położenia urządzenia."))
        if len(self.files.getlist("photos")) > REPORT.photos:
            self.add_error("photos", _("Można dodać najwyżej %(most)d zdjęć.") % {"most": REPORT.photos})
        return cleaned

    @property
    def point(self) -> tuple[float, float] | None:
        """(longitude, latitude), EPSG:4326."""
        lon, lat = self.cleaned_data.get("lon"), self.cleaned_data.get("lat")
        return None if lon is None or lat is None else (lon, lat)


class NeededQuestions(forms.Form):
    """The questions of one category that have to be answered; the others are left to the ordinary path."""

    def __init__(self, *, category: Any, questions: Any) -> None:
        super().__init__(prefix="q", auto_id=f"id_{category.pk}_%s")
        self.category = category
        for question in questions:
            self.fields[question.key] = question_field(question)
