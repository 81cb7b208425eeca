"""Forms of the public pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.participation import selectors
from miasto.kernel.participation.services import LONGEST, SHAPES, Author, RemarkRow, Target
from miasto.kernel.places.selectors import checked_shape, shapes_named
from miasto.kernel.ui.fields import MultipleFileField, MultipleFileInput
from miasto.modules.idea.uploads import ACCEPT


class ListForm(forms.Form):
    """What of the list of consultations is asked."""

    stan = forms.ChoiceField(label=_("Stan"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stan"].choices = [("", _("wszystkie")), *selectors.state_names().items()]
        self.fields["stan"].widget.attrs["hide_optional"] = True


class LedgerForm(forms.Form):
    """What of a ledger is asked."""

    szukaj = forms.CharField(label=_("Szukaj"), help_text=_("Słowa albo numer uwagi"), required=False, max_length=100)
    odpowiedz = forms.ChoiceField(
        label=_("Odpowiedź"), required=False, choices=[("", _("wszystkie")), *selectors.Status.choices]
    )
    od = forms.ChoiceField(label=_("Od kogo"), required=False)
    akapit = forms.UUIDField(required=False, widget=forms.HiddenInput)
    dokument = forms.ChoiceField(label=_("Dokument"), required=False)
    na_mapie = forms.BooleanField(label=_("Tylko z miejscem na mapie"), required=False)

    def __init__(self, *args: Any, process: Any, documents: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["od"].choices = [("", _("wszyscy")), *selectors.author_choices(process)]
        choices = [(str(one.version.pk), one.document.title) for one in documents]
        self.fields["dokument"].choices = [("", _("wszystkie")), *choices]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True

    def filters(self) -> selectors.LedgerFilters:
        """The filters; what is unknown is left out."""
        self.is_valid()
        data = self.cleaned_data
        return selectors.LedgerFilters(
            text=data.get("szukaj") or "",
            status=data.get("odpowiedz") or "",
            author_group=data.get("od") or "",
            paragraph_id=data.get("akapit"),
            version_id=data.get("dokument") or None,
            with_place=bool(data.get("na_mapie")),
        )


def files_field(label: Any, help_text: Any) -> MultipleFileField:
    """Documents and pictures beside a form."""
    widget = MultipleFileInput(attrs={"accept": ACCEPT, "hide_optional": True})
    return MultipleFileField(label=label, help_text=help_text, required=False, widget=widget)


class RemarkForm(forms.Form):
    """A remark. The fields of the statutory form of the legal basis are added as the profile says them."""

    client_key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    body = forms.CharField(
        label=_("Twoja uwaga"),
        help_text=_("Napisz, co zmienić i dlaczego. Nie podawaj danych innych osób."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7, "label_class": "govuk-label--m"}),
        error_messages={"required": _("Napisz uwagę.")},
    )
    author_group = forms.ChoiceField(
        label=_("W czyim imieniu piszesz?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Wybierz, w czyim imieniu jest uwaga.")},
    )

    def __init__(self, *args: Any, process: Any, signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author_group"].choices = selectors.author_choices(process)
        self.statutory = list(selectors.law.basis(process.basis).fields)
        for one in self.statutory or _voluntary():
            if signed_in and one.key == "email":
                continue
            self.fields[one.key] = _field_of(one)
        most = selectors.files_most()
        words = _("PDF, dokument albo zdjęcie, najwyżej %(most)d. Inni zobaczą je dopiero, gdy pozwoli na to pracownik.")
        self.fields["files"] = files_field(_("Załączniki"), words % {"most": most})

    @property
    def author_fields(self) -> list[Any]:
        """The bound fields of who writes."""
        first = ("client_key", "body", "author_group", "address", "lat", "lon", "files")
        return [field for field in self if field.name not in first]

    def row(self, *, target: Target, language: str, file_ids: Any = ()) -> RemarkRow:
        """The remark to be."""
        data = self.cleaned_data
        author = {name: data.get(name, "") for name in selectors.AUTHOR_FIELDS}
        answers = {
            one.key: data.get(one.key, "")
            for one in self.statutory
            if one.key not in selectors.AUTHOR_FIELDS and data.get(one.key)
        }
        return RemarkRow(
            body=data["body"],
            author_group=data["author_group"],
            author=Author(language=language, **author),
            target=target,
            answers=answers,
            file_ids=file_ids,
        )


def _voluntary() -> list[selectors.Field]:
    return [
        selectors.Field("name", str(_("Imię i nazwisko albo nazwa")), hint=str(_("Nie pokażemy ich nikomu poza urzędem."))),
        selectors.Field(
            "email",
            str(_("Adres e-mail")),
            hint=str(_("Jeśli go podasz i potwierdzisz, napiszemy, gdy będzie odpowiedź.")),
        ),
    ]


def _field_of(one: selectors.Field) -> forms.Field:
    common = {"label": one.label, "help_text": one.hint, "required": one.required}
    if one.choices:
        return forms.ChoiceField(
            widget=forms.RadioSelect(attrs={"group_class": "govuk-radios--inline"}), choices=one.choices, **common
        )
    if one.key == "email":
        widget = forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})
        wrong = {"invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl.")}
        return forms.EmailField(widget=widget, error_messages=wrong, **common)
    completes = {"name": "name", "phone": "tel", "postal_address": "street-address", "organisation": "organization"}
    attrs = {"autocomplete": completes[one.key]} if one.key in completes else {}
    widget = forms.Textarea(attrs={"rows": 2}) if one.kind == "lines" else forms.TextInput(attrs=attrs)
    limits = {"name": 200, "phone": 40, "postal_address": 300, "organisation": 200}
    return forms.CharField(widget=widget, max_length=limits.get(one.key, 1000), **common)


class PlaceForm(forms.Form):
    """Where a remark is about: drawn on the map, or told in words instead of the map. ``geom`` is one GeoJSON geometry."""

    conditional = {"shape": {"line": ("start", "end")}}
    shape = forms.ChoiceField(
        label=_("Czego dotyczy uwaga?"),
        choices=[("point", _("miejsca")), ("line", _("ulicy lub jej odcinka")), ("area", _("obszaru"))],
        widget=forms.RadioSelect,
        initial="point",
        required=False,
    )
    address = forms.CharField(
        label=_("Adres, ulica albo nazwa miejsca"),
        help_text=_("Na przykład: ulica i numer, nazwa parku lub osiedla. Zamiast tego możesz narysować na mapie."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"hide_optional": True}),
    )
    start = forms.CharField(label=_("Odcinek od (numer, skrzyżowanie)"), required=False, max_length=100)
    end = forms.CharField(label=_("Odcinek do (numer, skrzyżowanie)"), required=False, max_length=100)
    geom = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """What was drawn, checked; where nothing was, the likeliest meaning of the words."""
        data = super().clean() or {}
        try:
            if data.get("geom"):
                data["geom"] = checked_shape(data["geom"], shapes=SHAPES)
            else:
                data["geom"], data["address"] = self._named(data)
        except forms.ValidationError as error:
            raise forms.ValidationError({"address": error.messages}) from error
        return data

    @staticmethod
    def _named(data: dict[str, Any]) -> tuple[Any, str]:
        parts = {name: data.get(name, "") for name in ("start", "end")} if data.get("shape") == "line" else {}
        found = shapes_named(data.get("shape") or "point", data.get("address", ""), **parts)
        if not found:
            raise forms.ValidationError(_("Narysuj miejsce na mapie albo wpisz nazwę, którą znajdziemy."))
        return found[0].geom, found[0].label


class SeatForm(forms.Form):
    """A seat at a meeting."""

    name = forms.CharField(
        label=_("Imię i nazwisko"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Wpisz imię i nazwisko.")},
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy potwierdzenie, wpis do kalendarza i odsyłacz, którym możesz zwolnić miejsce."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )
    needs = forms.CharField(
        label=_("Czego potrzebujesz, żeby wziąć udział?"),
        help_text=_("Na przykład: tłumacz języka migowego, pętla indukcyjna, opieka nad dzieckiem."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if signed_in:
            del self.fields["email"]
