"""Forms of the pages of cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import Viewer, current_units, people_in
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.case_page import AllowedStep, CaseView
from miasto.kernel.cases.catalogue import categories
from miasto.kernel.cases.masking import found_in
from miasto.kernel.cases.parties import addresses
from miasto.kernel.cases.types import case_types
from miasto.kernel.core.city import city
from miasto.kernel.ui.fields import MultipleFileField, MultipleFileInput

MOST_TEXT = city().limit("comment_text", 4000)
PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/heic,image/heif,.jpg,.jpeg,.png,.webp,.heic"


def text_field(label: Any, hint: Any = "", *, required: bool = True, rows: int = 5, empty: Any = None) -> forms.CharField:
    """A field for a longer text."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": empty or _("Napisz coś, zanim wyślesz.")},
    )


def photos_field(label: Any = None) -> MultipleFileField:
    """A field for several photos."""
    return MultipleFileField(
        label=label or _("Zdjęcia"), required=False, widget=MultipleFileInput(attrs={"accept": PHOTO_TYPES})
    )


class AddForm(forms.Form):
    """What the person who filed adds."""

    body = text_field(_("Co chcesz dopisać?"), required=False)
    photos = photos_field()

    def __init__(self, *args: Any, has_photos: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_photos = has_photos

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not (data.get("body") or data.get("photos") or self.has_photos) and "body" not in self.errors:
            self.add_error("body", _("Napisz coś albo dodaj zdjęcie."))
        return data


class _Warned(forms.Form):
    """A form whose words everybody will read: personal data in them must be confirmed by a tick."""

    def warn(self, field: str, data: dict[str, Any]) -> None:
        """Ask once more where the words hold personal data; the tick appears with the question."""
        spans = found_in(data.get(field) or "")
        if not spans:
            return
        self.fields["sure"] = forms.BooleanField(
            label=_("Sprawdziłem, że te dane mogą być publiczne"), required=False, initial=False
        )
        if self.data.get(self.add_prefix("sure")):
            return
        pieces = ", ".join(f"„{data[field][span.start : span.end]}”" for span in spans[:5])
        words = _(
            "Tę odpowiedź zobaczą wszyscy, a są w niej dane osobowe: %(pieces)s. Usuń je albo potwierdź, że mogą być publiczne."
        )
        self.add_error(field, words % {"pieces": pieces})


class StepForm(_Warned):
    """What must come with a transition: fields follow the declared needs."""

    def __init__(
        self, *args: Any, step: AllowedStep, has_photos: bool = False, public: bool = True, holds: bool = True,
        despite: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        """``public``: an answer is read by everybody. ``holds``: the step stops the clock. ``despite``: parts are open."""
        super().__init__(*args, auto_id=f"{step.key}_%s", **kwargs)
        self.step, self.has_photos = step, has_photos
        for need in step.needs:
            self.fields.update(_filer_fields(need) if step.by_filer else _staff_fields(need, public, holds))
        if despite:
            self.fields["despite"] = text_field(
                _("Dlaczego kończysz sprawę, choć jej części są w toku?"),
                _("Przeczyta to osoba zgłaszająca."),
                rows=2,
                empty=_("Części tej sprawy są jeszcze w toku. Zakończ je albo napisz, dlaczego kończysz ją już teraz."),
            )
        if step.by_filer and step.needs:
            self.fields["photos"] = photos_field()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        proved = data.get("photos") or self.has_photos or data.get("reason")
        if "photo_or_reason" in self.step.needs and not proved:
            self.add_error("photos", _("Dodaj zdjęcie po wykonaniu albo napisz, dlaczego go nie ma."))
        if "answer" in self.step.needs and not self.step.by_filer:
            self.warn("answer", data)
        return data


def _filer_fields(need: str) -> dict[str, forms.Field]:
    if need == "answer":
        return {"answer": text_field(_("Twoja odpowiedź"), empty=_("Napisz odpowiedź."))}
    return {"reason": text_field(_("Dlaczego się nie zgadzasz?"), rows=3, empty=_("Napisz, co jest nie tak."))}


def _staff_fields(need: str, public: bool, holds: bool) -> dict[str, forms.Field]:
    if need == "answer" and not public:
        hint = _("Sprawa nie jest publiczna: przeczyta ją tylko osoba, która napisała.")
        return {"answer": text_field(_("Odpowiedź"), hint, empty=_("Napisz odpowiedź."))}
    if need == "answer":
        hint = _("Przeczyta ją osoba zgłaszająca i każdy, kto wejdzie na stronę sprawy.")
        return {"answer": text_field(_("Odpowiedź dla wszystkich"), hint, empty=_("Napisz odpowiedź."))}
    if need == "question":
        held = _("Przeczyta je tylko osoba zgłaszająca. Termin zatrzyma się do czasu odpowiedzi.")
        hint = held if holds else _("Przeczyta je tylko osoba, która napisała. Termin biegnie dalej.")
        return {"answer": text_field(_("Pytanie do osoby zgłaszającej"), hint, empty=_("Napisz pytanie."))}
    if need == "photo_or_reason":
        hint = _("Wypełnij tylko wtedy, gdy nie dodajesz zdjęcia. Przeczyta to osoba zgłaszająca.")
        return {
            "photos": photos_field(_("Zdjęcia po wykonaniu")),
            "reason": text_field(_("Dlaczego nie ma zdjęcia?"), hint, required=False, rows=2),
        }
    return {"reason": text_field(_("Powód"), _("Przeczyta go także osoba zgłaszająca."), rows=3, empty=_("Podaj powód."))}


class MessageForm(_Warned):
    """A note, a message to the parties or a public comment by staff."""

    def __init__(self, *args: Any, audience: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{audience}_%s", **kwargs)
        labels = {
            "internal": _("Treść notatki"),
            "parties": _("Wiadomość do osoby zgłaszającej"),
            "public": _("Treść komentarza"),
        }
        self.fields["body"] = text_field(labels[audience], rows=4)
        self.audience = audience

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.audience == "public":
            self.warn("body", data)
        return data


class TextForm(forms.Form):
    """The description as it is to be published."""

    edited = text_field(_("Opis do publikacji"), _("Usuń lub zamaskuj nazwiska, telefony, adresy i numery tablic."), rows=5)


class AssigneeForm(forms.Form):
    """Who in the unit handles the case."""

    assignee = forms.ChoiceField(label=_("Osoba"), required=False, widget=forms.Select(attrs={"hide_optional": True}))

    def __init__(self, *args: Any, case: CaseView, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="assign_%s", **kwargs)
        people = [
            (str(person.id), person.name or _("osoba bez nazwiska")) for person in people_in([case.unit_id], "cases.handle")
        ]
        if case.assignee_id and str(case.assignee_id) not in dict(people):
            people.insert(0, (str(case.assignee_id), case.assignee_name))
        self.fields["assignee"].choices = [("", _("nikt – pula jednostki")), *people]


class UnitForm(forms.Form):
    """Which unit takes the case over."""

    unit = forms.ChoiceField(label=_("Jednostka"))

    def __init__(self, *args: Any, case: CaseView, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="unit_%s", **kwargs)
        units = current_units().order_by("name").values_list("id", "name")
        self.fields["unit"].choices = [
            ("", _("wybierz jednostkę")),
            *((str(pk), name) for pk, name in units if pk != case.unit_id),
        ]
        self.fields["unit"].error_messages["required"] = _("Wybierz jednostkę.")


class InviteForm(forms.Form):
    """Addresses of those who are to file together."""

    emails = forms.CharField(
        label=_("Adresy e-mail osób, które zgłaszają sprawę z Tobą"),
        help_text=_("Każdy w osobnym wierszu albo po przecinku."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("Wpisz przynajmniej jeden adres e-mail.")},
    )

    def clean_emails(self) -> list[str]:
        """The addresses, each once."""
        return addresses(self.cleaned_data["emails"])


class JoinForm(forms.Form):
    """Who joins."""

    name = forms.CharField(
        label=_("Imię i nazwisko"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy na niego odsyłacz, którym potwierdzisz udział."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl."),
        },
    )

    name_public = forms.BooleanField(
        label=_("Zgadzam się, żeby moje imię i nazwisko podano przy publikacji"),
        help_text=_("Bez tej zgody publicznie widać tylko, ile osób podpisało się wspólnie."),
        required=False,
    )

    def __init__(self, *args: Any, by_name: bool, names: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_name:
            del self.fields["email"]
        if not names:
            del self.fields["name_public"]


class CategoryForm(forms.Form):
    """Another category."""

    category = forms.ChoiceField(label=_("Kategoria"))
    move = forms.BooleanField(label=_("Przekaż jednostce, która odpowiada za tę kategorię"), required=False, initial=True)

    def __init__(self, *args: Any, case: CaseView, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="category_%s", **kwargs)
        self.fields["category"].choices = category_choices(case.type.key)


def category_choices(case_type: str, *, by_slug: bool = False) -> list[Any]:
    """Categories for a select, leaves under their groups; one query."""

    def option(row: Any) -> tuple[str, str]:
        return (row.slug if by_slug else str(row.pk), row.title)

    choices: list[Any] = []
    for node in categories(case_type):
        if node.children:
            group = [(node.category.slug, _("%(group)s – wszystkie") % {"group": node.category.title})] if by_slug else []
            choices.append((node.category.title, [*group, *(option(child.category) for child in node.children)]))
        else:
            choices.append(option(node.category))
    return choices


class TemplateForm(forms.Form):
    """A prepared answer."""

    name = forms.CharField(label=_("Nazwa"), max_length=120, error_messages={"required": _("Podaj nazwę szablonu.")})
    category = forms.ChoiceField(label=_("Tylko do kategorii"), required=False)
    body = text_field(
        _("Treść"),
        _(
            "Zamiast {number} program wstawi numer, zamiast {category} – kategorię, zamiast {place} – miejsce, "
            "a zamiast {unit} – jednostkę."
        ),
        rows=8,
        empty=_("Napisz treść szablonu."),
    )

    def __init__(self, *args: Any, case_type: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("do każdej")), *category_choices(case_type)]


class QueueForm(forms.Form):
    """The filters of the staff queue; their names are seen in the address, so they are Polish."""

    STATES = (
        ("", _("w toku")),
        ("open", _("tylko z biegnącym terminem")),
        ("waiting", _("czekające na odpowiedź mieszkańca")),
        ("answered", _("rozwiązane, niepotwierdzone")),
        ("closed", _("zakończone")),
        ("all", _("wszystkie")),
    )
    szukaj = forms.CharField(label=_("Numer, adres lub słowo z opisu"), max_length=100, required=False)
    typ = forms.ChoiceField(label=_("Rodzaj sprawy"), required=False)
    jednostka = forms.ChoiceField(label=_("Jednostka"), required=False)
    osoba = forms.ChoiceField(
        label=_("Kto prowadzi"),
        required=False,
        choices=(("", _("wszyscy")), ("me", _("ja")), ("none", _("nikt – nieprzydzielone"))),
    )
    stan = forms.ChoiceField(label=_("Stan"), required=False, choices=STATES)
    etap = forms.ChoiceField(label=_("Etap"), required=False)
    kategoria = forms.ChoiceField(label=_("Kategoria"), required=False)
    obszar = forms.ChoiceField(label=_("Dzielnica lub osiedle"), required=False)
    kolejnosc = forms.ChoiceField(
        label=_("Kolejność"),
        required=False,
        choices=(("", _("najbliższy termin")), ("newest", _("najnowsze")), ("supported", _("najwięcej głosów „mnie też”"))),
    )

    def __init__(self, *args: Any, viewer: Viewer, case_type: Any, districts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units, seen = current_units().order_by("name").values_list("id", "name"), viewer.units_with(SEE)
        mine = [(str(pk), name) for pk, name in units if seen is None or pk in seen]
        self.fields["jednostka"].choices = [("", _("wszystkie, które widzę")), *mine]
        self.fields["typ"].choices = [("", _("każdy")), *((one.key, one.name_plural) for one in case_types())]
        asked = [case_type] if self.data.get("typ") == case_type.key else case_types()
        stages = {stage.key: stage.name for one in reversed(asked) for stage in one.stages}
        self.fields["etap"].choices = [("", _("każdy")), *stages.items()]
        self.fields["kategoria"].choices = [("", _("każda")), *category_choices(case_type.key, by_slug=True)]
        self.fields["obszar"].choices = [("", _("całe miasto")), *((str(area.pk), area.name) for area in districts)]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True
