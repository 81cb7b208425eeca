"""Forms of the public pages of the budget; the wizard's steps are forms of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.money import grosze, zloty
from miasto.kernel.ui.fields import MultipleFileField
from miasto.modules.idea.budget import rules
from miasto.modules.idea.budget.models import Pool
from miasto.modules.idea.budget.selectors import ProjectFilters
from miasto.modules.idea.budget.states import HIDDEN_STATES, ProjectState
from miasto.modules.idea.forms import PlaceForm as DrawnPlaceForm

ROWS = 8
MOST_ROWS = 30
SHAPES = [
    ("point", _("miejsce: adres albo obiekt")),
    ("line", _("ulicę lub jej odcinek")),
    ("area", _("obszar: park, osiedle, okolicę adresu")),
]


class MoneyField(forms.CharField):
    """An amount in zlotys as people type it; the value is in grosze."""

    default_error_messages = {"invalid": _("Wpisz kwotę w złotych, na przykład 12 500 albo 99,90.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 20)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}))
        super().__init__(**options)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return grosze(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return zloty(value).replace("\u00a0", " ").removesuffix(" zł") if isinstance(value, int) else value


class ListForm(forms.Form):
    """What of the projects of an edition is asked."""

    szukaj = forms.CharField(label=_("Szukaj"), help_text=_("Słowa, ulica albo numer projektu"), required=False, max_length=80)
    pula = forms.ChoiceField(label=_("Pula"), required=False)
    stan = forms.ChoiceField(label=_("Stan"), required=False)

    def __init__(self, *args: Any, pools: list[Pool], hidden: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pula"].choices = [("", _("wszystkie")), *((one.key, one.name) for one in pools)]
        states = [(one.value, one.label) for one in ProjectState if not (hidden and one in HIDDEN_STATES)]
        self.fields["stan"].choices = [("", _("wszystkie")), *states]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True

    def filters(self) -> ProjectFilters:
        """The filters; what is unknown is left out."""
        self.is_valid()
        data = self.cleaned_data
        return ProjectFilters(text=data.get("szukaj") or "", pool=data.get("pula") or "", state=data.get("stan") or "")


class IdeaForm(forms.Form):
    """Step 1: what, why, for whom, and from which money."""

    pool = forms.ChoiceField(
        label=_("Z której puli ma być projekt?"),
        widget=forms.RadioSelect(attrs={"group_class": "ui-choices", "legend_class": "govuk-fieldset__legend--m"}),
        error_messages={"required": _("Wybierz pulę.")},
    )
    title = forms.CharField(
        label=_("Tytuł projektu"),
        help_text=_("Krótko, tak jak na karcie do głosowania."),
        max_length=160,
        widget=forms.TextInput(attrs={"label_class": "govuk-label--m"}),
        error_messages={"required": _("Wpisz tytuł.")},
    )
    summary = forms.CharField(
        label=_("Co ma powstać? Jedno lub dwa zdania"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "label_class": "govuk-label--m"}),
        error_messages={"required": _("Napisz, co ma powstać.")},
    )
    description = forms.CharField(
        label=_("Opis i uzasadnienie"),
        help_text=_("Dlaczego to jest potrzebne i jak ma wyglądać. Nie podawaj danych osób ani nazw firm."),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 8, "label_class": "govuk-label--m"}),
        error_messages={"required": _("Opisz projekt.")},
    )
    for_whom = forms.CharField(
        label=_("Kto skorzysta i na jakich zasadach?"),
        help_text=_("Na przykład: wszyscy mieszkańcy osiedla, bezpłatnie, całą dobę."),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2, "label_class": "govuk-label--m"}),
        error_messages={"required": _("Napisz, kto skorzysta.")},
    )

    def __init__(self, *args: Any, pools: list[Pool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pool"].choices = [(one.key, _pool_label(one)) for one in pools]


def _pool_label(pool: Pool) -> str:
    words = _("%(name)s (projekt od %(least)s do %(most)s)")
    most = zloty(pool.most_cost if pool.most_cost is not None else pool.money)
    return words % {"name": pool.name, "least": zloty(pool.least_cost), "most": most}


class PlaceForm(DrawnPlaceForm):
    """Step 2: where: a point, a line or an area, drawn or told in words. The whole city only in the city-wide pool."""

    whole_city = forms.BooleanField(label=_("Projekt dotyczy całego miasta i nie ma jednego miejsca"), required=False)
    place_note = forms.CharField(
        label=_("Dokładniejszy opis miejsca"),
        help_text=_("Na przykład: trawnik między przedszkolem a chodnikiem, działka nr 123/4."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, citywide: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shape"].label = _("Co chcesz zaznaczyć?")
        self.fields["shape"].choices = SHAPES
        self.fields["shape"].widget.attrs["hide_optional"] = True
        self.fields["address"].label = _("Adres lub miejsce")
        self.fields["address"].help_text = _("Na przykład: ulica i numer, nazwa parku. Gdy coś narysujesz, liczy się rysunek.")
        if not citywide:
            del self.fields["whole_city"]

    def clean(self) -> dict[str, Any]:
        """As of any drawn place; nothing is asked of a project of the whole city."""
        return self.cleaned_data if self.cleaned_data.get("whole_city") else super().clean()


class CostForm(forms.Form):
    """Step 4: what it costs, line by line; the sum is checked against the limits of the pool at once."""

    files = MultipleFileField(
        label=_("Zdjęcia, szkice lub dokumenty"), help_text=_("JPG, PNG, WebP, HEIC albo PDF."), required=False
    )

    def __init__(self, *args: Any, limits: rules.PoolRules, rows: int = ROWS, check: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits, self.count, self.check_limits = limits, min(max(rows, ROWS), MOST_ROWS), check
        for number in range(1, self.count + 1):
            name = forms.CharField(label=_("Pozycja %(n)d") % {"n": number}, max_length=160, required=False)
            amount = MoneyField(label=_("Kwota (zł)"), required=False)
            for field in (name, amount):
                field.widget.attrs["hide_optional"] = True
            self.fields[f"name_{number}"], self.fields[f"amount_{number}"] = name, amount

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        """The bound fields of each line."""
        return [(self[f"name_{number}"], self[f"amount_{number}"]) for number in range(1, self.count + 1)]

    @property
    def items(self) -> list[tuple[str, int]]:
        """The lines that hold something, as ``(name, grosze)``; after ``is_valid``."""
        data = self.cleaned_data
        rows = ((data.get(f"name_{n}") or "", data.get(f"amount_{n}")) for n in range(1, self.count + 1))
        return [(name, amount or 0) for name, amount in rows if name or amount]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(1, self.count + 1):
            name, amount = data.get(f"name_{number}"), data.get(f"amount_{number}")
            if name and not amount and f"amount_{number}" not in self.errors:
                self.add_error(f"amount_{number}", _("Podaj kwotę większą od zera."))
            if amount and not name:
                self.add_error(f"name_{number}", _("Nazwij tę pozycję."))
        if self.check_limits and not self.errors:
            why = rules.fits(self.limits, self.total) if self.items else str(_("Podaj co najmniej jedną pozycję kosztów."))
            if why:
                self.add_error("name_1", why)
        return data

    @property
    def total(self) -> int:
        """The sum of the lines in grosze."""
        return sum(amount for _name, amount in self.items)


class AuthorForm(forms.Form):
    """Step 5: who proposes."""

    name = forms.CharField(
        label=_("Imię i nazwisko"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Wpisz imię i nazwisko.")},
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy odsyłacz do projektu i każdą wiadomość o jego ocenie."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )
    phone = forms.CharField(
        label=_("Telefon"), max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "tel"})
    )
    postal_address = forms.CharField(
        label=_("Adres zamieszkania"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": _("Wpisz adres zamieszkania.")},
    )
    name_public = forms.BooleanField(label=_("Zgadzam się, żeby moje imię i nazwisko było przy projekcie"), required=False)
    co_authors = forms.CharField(
        label=_("Współautorzy"),
        help_text=_("Imię i nazwisko każdej osoby w osobnym wierszu."),
        required=False,
        max_length=800,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    child = forms.BooleanField(required=False)
    guardian_name = forms.CharField(label=_("Imię i nazwisko opiekuna"), max_length=120, required=False)
    guardian_email = forms.EmailField(
        label=_("Adres e-mail opiekuna"),
        help_text=_("Wyślemy tam odsyłacz, którym opiekun potwierdzi zgodę."),
        required=False,
        error_messages={"invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl.")},
    )

    def __init__(self, *args: Any, guardian_under: int, signed_in: bool, co_authors: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = co_authors
        self.fields["child"].label = _("Mam mniej niż %(age)d lat") % {"age": guardian_under}
        if not guardian_under:
            for name in ("child", "guardian_name", "guardian_email"):
                del self.fields[name]
        if signed_in:
            del self.fields["email"]

    def names(self) -> list[str]:
        """The co-authors' names; after ``is_valid``."""
        return [line.strip() for line in self.cleaned_data.get("co_authors", "").splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("child"):
            for field, words in (
                ("guardian_name", _("Podaj imię i nazwisko opiekuna.")),
                ("guardian_email", _("Podaj adres e-mail opiekuna.")),
            ):
                if not data.get(field) and field not in self.errors:
                    self.add_error(field, words)
        if len(self.names()) > self.most:
            self.add_error("co_authors", _("Współautorów może być najwyżej %(most)d.") % {"most": self.most})
        return data


class SupportForm(forms.Form):
    """Signing a support list."""

    name = forms.CharField(
        label=_("Imię i nazwisko"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Wpisz imię i nazwisko.")},
    )
    postal_address = forms.CharField(
        label=_("Adres zamieszkania"),
        help_text=_("Zobaczy go tylko jednostka, która ocenia projekt."),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": _("Wpisz adres zamieszkania.")},
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy odsyłacz, którym potwierdzisz poparcie."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )

    def __init__(self, *args: Any, signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if signed_in:
            del self.fields["email"]


class AppealForm(forms.Form):
    """An appeal of the author."""

    text = forms.CharField(
        label=_("Z czym się nie zgadzasz i dlaczego?"),
        help_text=_("Treść odwołania będzie na stronie projektu."),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 8, "label_class": "govuk-label--m"}),
        error_messages={"required": _("Napisz, z czym się nie zgadzasz.")},
    )
