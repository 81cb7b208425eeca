"""Forms of surveys: the address for a link, and what staff write to make a survey without code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.core import clock
from miasto.kernel.participation import selectors as participation
from miasto.kernel.ui.fields import DateParts
from miasto.kernel.ui.questions import labels_of
from miasto.modules.idea.naming import KIND
from miasto.modules.idea.surveys import services, structure
from miasto.modules.idea.surveys.models import MANAGE, Access, Shown

LONG = {"rows": 4}
OTHERS = (("en", _("po angielsku")), ("uk", _("po ukraińsku")))


class EmailForm(forms.Form):
    """The address to which the link to a survey is sent."""

    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy na niego odsyłacz. Adresu nie zapisujemy w ankiecie."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl."),
        },
    )


class PaperForm(forms.Form):
    """The day on which a paper came."""

    received_on = forms.DateField(label=_("Dzień, w którym wpłynęła"), widget=DateParts)


class SurveyForm(forms.Form):
    """What a survey says of itself, and its rules."""

    title = forms.CharField(label=_("Tytuł"), max_length=200)
    about = forms.CharField(
        label=_("Po co pytamy i co zrobimy z odpowiedziami?"),
        max_length=4000,
        widget=forms.Textarea(attrs=LONG),
        required=False,
    )
    unit_id = forms.ChoiceField(label=_("Jednostka, która prowadzi ankietę"))
    process_id = forms.ChoiceField(label=_("Konsultacje, do których należy"), required=False)
    starts_on = forms.DateField(label=_("Pierwszy dzień"), widget=DateParts)
    ends_on = forms.DateField(label=_("Ostatni dzień"), widget=DateParts)
    access = forms.ChoiceField(label=_("Kto może odpowiedzieć?"), choices=Access.choices, widget=forms.RadioSelect)
    shown = forms.ChoiceField(label=_("Kiedy pokażemy wyniki?"), choices=Shown.choices, widget=forms.RadioSelect)
    marks_public = forms.BooleanField(
        label=_("Publikujemy dokładne miejsca (uprzedzimy o tym przed odpowiedzią); inaczej tylko mapę zagęszczeń"),
        required=False,
    )
    title_en = forms.CharField(label=_("Tytuł po angielsku"), max_length=200, required=False)
    about_en = forms.CharField(label=_("Opis po angielsku"), required=False, widget=forms.Textarea(attrs=LONG))
    title_uk = forms.CharField(label=_("Tytuł po ukraińsku"), max_length=200, required=False)
    about_uk = forms.CharField(label=_("Opis po ukraińsku"), required=False, widget=forms.Textarea(attrs=LONG))

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = current_units().order_by("name").only("id", "name")
        held = viewer.units_with(MANAGE)
        if held is not None:
            units = units.filter(pk__in=held)
        self.fields["unit_id"].choices = [(str(one.pk), one.name) for one in units]
        seen = participation.processes(viewer, KIND).filter(closed_at=None)[:50]
        self.fields["process_id"].choices = [("", _("żadne: ankieta samodzielna")), *((str(one.pk), one.title) for one in seen)]

    def row(self) -> services.SurveyRow:
        """The survey to be."""
        data = dict(self.cleaned_data)
        translations = {
            language: {name: data.pop(f"{name}_{language}") for name in ("title", "about")} for language, _name in OTHERS
        }
        data["unit_id"], data["process_id"] = UUID(data["unit_id"]), UUID(data["process_id"]) if data["process_id"] else None
        return services.SurveyRow(**data, translations=translations)


def initial_of(survey: Any) -> dict[str, Any]:
    """What the form of a known survey begins with."""
    names = ("title", "about", "starts_on", "ends_on", "access", "shown", "marks_public")
    known = {name: getattr(survey, name) for name in names}
    for language, _name in OTHERS:
        words = survey.translations.get(language, {})
        known |= {f"title_{language}": words.get("title", ""), f"about_{language}": words.get("about", "")}
    return {**known, "unit_id": str(survey.unit_id), "process_id": str(survey.process_id or "")}


def new_survey() -> dict[str, Any]:
    """What the form of a new survey begins with."""
    return {"access": Access.ANYONE, "shown": Shown.AFTER, "starts_on": clock.today()}


def _words(data: dict[str, Any], name: str) -> dict[str, str]:
    return {language: data.get(f"{name}_{language}", "") for language in structure.LANGUAGES if data.get(f"{name}_{language}")}


def _in_languages(name: str, label: str, **options: Any) -> dict[str, forms.Field]:
    """A field in Polish and two more for the translations."""
    required = options.pop("required", False)
    made: dict[str, forms.Field] = {f"{name}_pl": forms.CharField(label=label, required=required, **options)}
    for language, words in OTHERS:
        made[f"{name}_{language}"] = forms.CharField(label=f"{label} ({words})", required=False, **options)
    return made


class PageForm(forms.Form):
    """The words above a page of questions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _in_languages("title", gettext("Tytuł strony"), max_length=150)
        self.fields |= _in_languages("text", gettext("Wstęp"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def words(self) -> dict[str, dict[str, str]]:
        """``{"title", "text"}`` by language."""
        return {name: _words(self.cleaned_data, name) for name in ("title", "text")}


def initial_of_page(page: dict[str, Any]) -> dict[str, Any]:
    """What the form of a known page begins with."""
    names = ("title", "text")
    return {f"{name}_{language}": page.get(name, {}).get(language, "") for name in names for language in structure.LANGUAGES}


KIND_NAMES = (
    ("choice", _("jedna odpowiedź z listy")),
    ("choices", _("kilka odpowiedzi z listy")),
    ("boolean", _("tak albo nie")),
    ("scale", _("skala")),
    ("matrix", _("tabela: ta sama lista odpowiedzi w wielu wierszach")),
    ("ranking", _("kolejność: od najważniejszej")),
    ("number", _("liczba")),
    ("date", _("data")),
    ("text", _("krótka odpowiedź własnymi słowami")),
    ("long_text", _("dłuższa odpowiedź własnymi słowami")),
    ("marks", _("miejsca na mapie")),
)
SHAPE_NAMES = (("point", _("punkty")), ("line", _("linie")), ("area", _("obszary")))
ONE_A_LINE = _("Każda w osobnym wierszu. Tłumaczenia wpisz w tej samej kolejności.")


class QuestionForm(forms.Form):
    """A question of a survey; which fields count depends on its kind."""

    kind = forms.ChoiceField(label=_("Rodzaj pytania"), widget=forms.RadioSelect)
    required = forms.BooleanField(label=_("Odpowiedź jest obowiązkowa"), required=False)
    other = forms.BooleanField(label=_("Można dopisać własną odpowiedź"), required=False)
    least = forms.IntegerField(
        label=_("Najmniej"), help_text=_("Dla liczby, skali i miejsc na mapie."), required=False, min_value=0, max_value=100_000
    )
    most = forms.IntegerField(label=_("Najwięcej"), required=False, min_value=1, max_value=100_000)
    shapes = forms.MultipleChoiceField(
        label=_("Co można zaznaczyć na mapie?"), choices=SHAPE_NAMES, required=False, widget=forms.CheckboxSelectMultiple
    )
    when = forms.ChoiceField(label=_("Zadaj to pytanie tylko po odpowiedzi"), required=False)

    def __init__(self, *args: Any, survey: Any, key: str = "", part: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey, self.key, self.part = survey, key, part
        lines = {"widget": forms.Textarea(attrs={"rows": 5}), "help_text": ONE_A_LINE}
        own = dict(self.fields)
        kinds = [one for one in KIND_NAMES if not part or one[0] in structure.PART_KINDS]
        own["kind"].choices = kinds
        own["when"].choices = [("", _("zawsze")), *self._conditions()]
        self.fields = {"kind": own["kind"]}
        self.fields |= _in_languages("label", gettext("Pytanie"), max_length=300)
        self.fields["label_pl"].required = True
        self.fields |= _in_languages("hint", gettext("Podpowiedź"), max_length=300)
        self.fields |= {"required": own["required"]}
        self.fields |= _in_languages("choices", gettext("Odpowiedzi do wyboru"), **lines)
        self.fields |= {"other": own["other"]}
        if not part:
            self.fields |= _in_languages("rows", gettext("Wiersze tabeli"), **lines)
        self.fields |= {"least": own["least"], "most": own["most"]}
        self.fields |= _in_languages("low", gettext("Słowa przy początku skali"), max_length=60)
        self.fields |= _in_languages("high", gettext("Słowa przy końcu skali"), max_length=60)
        if not part:
            self.fields |= {"shapes": own["shapes"], "when": own["when"]}

    def _conditions(self) -> list[tuple[str, str]]:
        """The answers to earlier questions on which this one may depend."""
        made = []
        for question in structure.questions_of(self.survey):
            if question.key == self.key:
                break
            if question.kind in ("choice", "choices", "boolean", "scale"):
                made += [(f"{question.key}={value}", f"{question.label}: {label}") for value, label in labels_of(question)]
        return made

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        lists = {"choice": ["choices"], "choices": ["choices"], "ranking": ["choices"], "matrix": ["choices", "rows"]}
        for name in lists.get(str(kind), []):
            least = 1 if name == "rows" else 2
            if len(_lines(data.get(f"{name}_pl", ""))) < least:
                self.add_error(f"{name}_pl", gettext("Wpisz co najmniej %(n)d, każdą w osobnym wierszu.") % {"n": least})
        if kind == "marks" and not data.get("shapes"):
            self.add_error("shapes", gettext("Wybierz, co można zaznaczyć."))
        if data.get("least") is not None and data.get("most") is not None and data["least"] > data["most"]:
            self.add_error("most", gettext("Ta liczba nie może być mniejsza od najmniejszej."))
        if kind == "scale" and not 2 <= (data.get("most") or 5) - (1 if data.get("least") is None else data["least"]) + 1 <= 11:
            self.add_error("most", gettext("Skala musi mieć od 2 do 11 stopni."))
        if kind == "marks" and (data.get("most") or 1) > structure.MOST_MARKS:
            self.add_error("most", gettext("Można zaznaczyć najwyżej %(n)d miejsc.") % {"n": structure.MOST_MARKS})
        return data

    def row(self, known: dict[str, Any] | None) -> dict[str, Any]:
        """The question as data; a known one keeps its key."""
        data = self.cleaned_data
        made: dict[str, Any] = {"kind": data["kind"], "label": _words(data, "label"), "hint": _words(data, "hint")}
        made |= {name: data.get(name) for name in ("required", "other")}
        for name in ("least", "most"):
            if data.get(name) is not None:
                made[name] = data[name]
        if data["kind"] in ("choice", "choices", "matrix", "ranking"):
            made["choices"] = _pairs(data, "choices", "o")
        if data["kind"] == "matrix":
            made["rows"] = _pairs(data, "rows", "r")
        if data["kind"] == "scale":
            made["ends"] = [_words(data, "low"), _words(data, "high")]
        if data["kind"] == "marks":
            made["shapes"] = data["shapes"]
        if data.get("when"):
            key, _sign, value = data["when"].partition("=")
            made["when"] = [key, [value]]
        if known is not None:
            made["key"] = known["key"]
        return made


def _lines(text: str) -> list[str]:
    return [line.strip()[:200] for line in text.splitlines() if line.strip()]


def _pairs(data: dict[str, Any], name: str, letter: str) -> list[list[Any]]:
    lists = {language: _lines(data.get(f"{name}_{language}", "")) for language in structure.LANGUAGES}
    return [
        [f"{letter}{n + 1}", {language: words[n] for language, words in lists.items() if n < len(words)}]
        for n in range(len(lists["pl"]))
    ]


def initial_of_question(row: dict[str, Any]) -> dict[str, Any]:
    """What the form of a known question begins with."""
    known = {name: row.get(name) for name in ("kind", "required", "other", "least", "most", "shapes")}
    ends = row.get("ends") or [{}, {}]
    for language in structure.LANGUAGES:
        for name in ("label", "hint"):
            known[f"{name}_{language}"] = (row.get(name) or {}).get(language, "")
        for name in ("choices", "rows"):
            known[f"{name}_{language}"] = "\n".join(words.get(language, "") for _value, words in row.get(name, ()))
        known[f"low_{language}"], known[f"high_{language}"] = ends[0].get(language, ""), ends[1].get(language, "")
    if row.get("when"):
        known["when"] = f"{row['when'][0]}={row['when'][1][0]}"
    return known
