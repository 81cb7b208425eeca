"""Forms of the public pages of ideas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.places.selectors import districts, geocode
from miasto.kernel.ui.fields import MultipleFileField, MultipleFileInput
from miasto.modules.idea.ideas import rules, selectors, services
from miasto.modules.idea.ideas.services import PHOTOS, TEXT_MOST, TITLE_MOST, IdeaRow

PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/heic,.jpg,.jpeg,.png,.webp,.heic"
REACHES = (
    (rules.CITY, _("całego miasta")),
    (rules.DISTRICT, _("jednej dzielnicy")),
    (rules.PLACE, _("jednego miejsca")),
)


def _topics() -> list[tuple[str, str]]:
    return [(one.key, one.name) for one in rules.topics()]


class FilterForm(forms.Form):
    """What of the list is asked; the names are seen in the address."""

    szukaj = forms.CharField(label=_("Szukaj"), required=False, max_length=100)
    stan = forms.ChoiceField(label=_("Stan"), required=False)
    temat = forms.ChoiceField(label=_("Temat"), required=False)
    dzielnica = forms.ModelChoiceField(label=_("Dzielnica"), required=False, queryset=None, empty_label=_("całe miasto"))
    kolejnosc = forms.ChoiceField(
        label=_("Kolejność"),
        required=False,
        choices=(
            (selectors.NEWEST, _("najnowsze")),
            (selectors.MOST, _("z największym poparciem")),
            (selectors.ENDING, _("kończy się czas na poparcie")),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stan"].choices = [("", _("wszystkie")), *selectors.group_names().items()]
        self.fields["temat"].choices = [("", _("wszystkie")), *_topics()]
        self.fields["dzielnica"].queryset = districts()
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True

    def filters(self) -> selectors.Filters:
        """The filters; what is unknown is left out."""
        self.is_valid()
        data = self.cleaned_data
        area = data.get("dzielnica")
        return selectors.Filters(
            text=data.get("szukaj") or "",
            group=data.get("stan") or "",
            topic=data.get("temat") or "",
            area_id=area.pk if area else None,
            order=data.get("kolejnosc") or "",
        )


class IdeaForm(forms.Form):
    """An idea. Nothing is required here: a draft keeps whatever there is, publication checks."""

    title = forms.CharField(
        label=_("Tytuł"),
        help_text=_("Jedno zdanie, z którego wiadomo, co ma się zmienić."),
        max_length=TITLE_MOST,
        required=False,
        widget=forms.TextInput(attrs={"hide_optional": True, "label_class": "govuk-label--m"}),
    )
    text = forms.CharField(
        label=_("Opis"),
        help_text=_("Jaki jest kłopot, co proponujesz i komu to pomoże. Nie podawaj danych osób."),
        max_length=TEXT_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "hide_optional": True, "label_class": "govuk-label--m"}),
    )
    topic = forms.ChoiceField(
        label=_("Temat"), required=False, widget=forms.Select(attrs={"hide_optional": True, "label_class": "govuk-label--m"})
    )
    reach = forms.ChoiceField(
        label=_("Czego dotyczy pomysł?"),
        choices=REACHES,
        initial=rules.CITY,
        required=False,
        widget=forms.RadioSelect(attrs={"hide_optional": True, "legend_class": "govuk-fieldset__legend--m"}),
    )
    area = forms.ModelChoiceField(
        label=_("Dzielnica"),
        queryset=None,
        required=False,
        empty_label=_("wybierz dzielnicę"),
        widget=forms.Select(attrs={"hide_optional": True}),
    )
    address = forms.CharField(
        label=_("Adres lub miejsce"),
        help_text=_("Na przykład: ulica i numer, nazwa parku. Możesz też wskazać miejsce na mapie."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"hide_optional": True}),
    )
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    photos = MultipleFileField(
        label=_("Zdjęcia lub rysunki"),
        help_text=_("Najwyżej %(most)d, do 15 MB każde.") % {"most": PHOTOS},
        required=False,
        widget=MultipleFileInput(attrs={"accept": PHOTO_TYPES, "hide_optional": True}),
    )
    name = forms.CharField(
        label=_("Podpis"),
        help_text=_(
            "Pod tą nazwą zobaczą Cię inni: imię, pseudonim albo imię i nazwisko. Będzie też przy Twoich komentarzach."
        ),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "hide_optional": True, "autocomplete": "nickname"}),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, published: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [("", _("wybierz temat")), *_topics()]
        self.fields["area"].queryset = districts()
        if published:
            for name in ("photos", "name", "reach"):
                del self.fields[name]
            self.fields["why"] = forms.CharField(
                label=_("Co zmieniasz i dlaczego?"),
                help_text=_("Zobaczą to popierający."),
                max_length=300,
                required=False,
            )

    def row(self, *, reach: str = "") -> IdeaRow:
        """What was written. Where only an address was typed, its place is the best answer of the geocoder."""
        data = self.cleaned_data
        reach = reach or data.get("reach") or rules.CITY
        point, place = self._place(data) if reach == rules.PLACE else (None, "")
        return IdeaRow(
            title=data.get("title", ""),
            text=data.get("text", ""),
            topic=data.get("topic", ""),
            reach=reach,
            area_id=data["area"].pk if data.get("area") else None,
            point=point,
            place=place,
            name=data.get("name", ""),
        )

    @staticmethod
    def _place(data: dict[str, Any]) -> tuple[tuple[float, float] | None, str]:
        if data.get("lat") is not None and data.get("lon") is not None:
            return (data["lon"], data["lat"]), data.get("address", "") or str(_("miejsce wskazane na mapie"))
        found = geocode(data["address"], limit=1) if data.get("address") else []
        return ((found[0].lon, found[0].lat), found[0].label) if found else (None, data.get("address", ""))


def initial_of(idea: Any, version: Any, name: str) -> dict[str, Any]:
    """What the form shows of an idea."""
    row = services.row_of(idea, version, name)
    lon, lat = row.point or (None, None)
    return {
        "title": row.title, "text": row.text, "topic": row.topic, "reach": row.reach, "area": row.area_id,
        "address": row.place, "lon": lon, "lat": lat, "name": name,
    }  # fmt: skip


class SupportForm(forms.Form):
    """Support without an account."""

    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy odsyłacz. Poparcie policzymy, gdy go użyjesz. Adresu nikomu nie pokażemy."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "class": "govuk-input--width-20"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )


class CommentForm(forms.Form):
    """A comment under an idea."""

    body = forms.CharField(
        label=_("Twój komentarz"),
        help_text=_("Będzie widoczny od razu, pod Twoim podpisem."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Napisz komentarz.")},
    )
    name = forms.CharField(label=_("Podpis"), help_text=_("Pod tą nazwą zobaczą Cię inni."), max_length=60)

    def __init__(self, *args: Any, known: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["name"]


class FlagForm(forms.Form):
    """Which rule is broken."""

    rule = forms.ChoiceField(
        label=_("Którą zasadę to łamie?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Wybierz zasadę.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(one.key, one.name) for one in rules.publication_rules()]


class ReasonForm(forms.Form):
    """Why an author takes an idea back."""

    reason = forms.CharField(
        label=_("Dlaczego wycofujesz pomysł?"),
        help_text=_("Zobaczą to wszyscy, którzy go poparli."),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Napisz, dlaczego wycofujesz pomysł.")},
    )


class PetitionForm(forms.Form):
    """What the Petitions Act wants besides the words (art. 4 sec. 2)."""

    text = forms.CharField(
        label=_("Treść petycji"),
        help_text=_("Przenieśliśmy ją z pomysłu. Możesz ją poprawić."),
        max_length=4500,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Napisz, o co prosisz.")},
    )
    name = forms.CharField(
        label=_("Imię i nazwisko"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Wpisz imię i nazwisko.")},
    )  # fmt: skip
    postal = forms.CharField(
        label=_("Adres do korespondencji"),
        help_text=_("Wymaga go ustawa. Nikomu go nie pokażemy."),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": _("Wpisz adres: wymaga go ustawa o petycjach.")},
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": _("Wpisz adres e-mail."), "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl.")},
    )
    name_public = forms.BooleanField(
        label=_("Zgadzam się, żeby moje imię i nazwisko było widoczne przy petycji"), required=False
    )
