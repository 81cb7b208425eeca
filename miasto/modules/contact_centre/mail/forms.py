"""Forms of the correspondence pages and of the public forms for letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.places import selectors as places
from miasto.kernel.ui.fields import DateParts, MultipleFileField
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.forms import PHONE
from miasto.modules.contact_centre.mail import drafts
from miasto.modules.contact_centre.mail.classes import CLASSES, LetterClass
from miasto.modules.contact_centre.mail.models import Letter
from miasto.modules.contact_centre.mail.services import Decision
from miasto.modules.contact_centre.selectors import category_groups

BODY_MOST = 9_000


def _area(label: Any, hint: Any = "", *, rows: int = 6, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=BODY_MOST, widget=forms.Textarea(attrs={"rows": rows})
    )


class ListForm(forms.Form):
    """The filters of the list; their names are seen in the address, so they are Polish."""

    szukaj = forms.CharField(label=_("Numer, nadawca lub słowo"), max_length=100, required=False)
    rodzaj = forms.ChoiceField(label=_("Rodzaj"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rodzaj"].choices = [("", _("każdy")), *((one.key, one.name) for one in CLASSES)]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True


class SenderForm(forms.Form):
    """Who wrote, as the letter says; part of every decision that makes a case."""

    name = forms.CharField(label=_("Imię i nazwisko albo nazwa"), max_length=120, required=False)
    postal = forms.CharField(label=_("Adres do korespondencji"), max_length=300, required=False)
    email = forms.EmailField(label=_("Adres e-mail"), required=False)
    phone = forms.CharField(label=_("Telefon"), max_length=20, required=False, validators=[PHONE])


class DecideForm(SenderForm):
    """The decision for one class of letters; fields follow the class."""

    def __init__(self, *args: Any, chosen: LetterClass, letter: Letter, **kwargs: Any) -> None:
        text = letter.text
        sender = {
            "name": text.sender_name, "email": text.sender_email, "phone": text.sender_phone, "postal": text.sender_address,
        }  # fmt: skip
        kwargs["initial"] = {**sender, **kwargs.get("initial", {})}
        super().__init__(*args, auto_id=f"{chosen.key}_%s", **kwargs)
        self.chosen = chosen
        if chosen.case_type == KEY:
            self._ask_of_report()
        elif not chosen.case_type:
            for name in list(self.fields):
                del self.fields[name]
        if chosen.case_type and cases.case_type(chosen.case_type).names:
            self.fields["name_public"] = forms.BooleanField(
                label=_("W piśmie jest zgoda na podanie imienia i nazwiska albo nazwy na stronie (art. 4 ust. 3)"),
                help_text=_("Bez niej publikujemy treść i daty, a nazwisko zostaje w urzędzie."),
                required=False,
            )
        if chosen.identity:
            hint = _("Wyślemy to razem z numerem sprawy. Zostaw puste, jeśli niczego nie brakuje.")
            self.fields["complete"] = _area(_("Prośba o uzupełnienie"), hint, rows=9)
            self.initial.setdefault("complete", drafts.draft("identity", text))
        if chosen.reply:
            self.fields["reply"] = _area(_("Odpowiedź do nadawcy"), rows=12, required=False)
            self.initial.setdefault("reply", drafts.draft(chosen.draft, text) if chosen.reply == "required" else "")
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True

    def _ask_of_report(self) -> None:
        del self.fields["postal"]
        self.fields["category"] = forms.ChoiceField(
            label=_("Kategoria"), error_messages={"required": _("Wybierz kategorię zgłoszenia.")}
        )
        self.fields["category"].choices = [("", _("wybierz kategorię")), *_category_choices()]
        hint = _("Zostaw puste, jeśli list nie mówi, gdzie to jest. Program zapyta nadawcę, a termin poczeka na odpowiedź.")
        self.fields["place"] = forms.CharField(
            label=_("Miejsce"),
            help_text=hint,
            max_length=200,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        for name in ("lon", "lat"):
            self.fields[name] = forms.FloatField(required=False, widget=forms.HiddenInput)
        only = _("Wyślemy je tylko wtedy, gdy pole „Miejsce” jest puste.")
        self.fields["complete"] = _area(_("Pytanie o miejsce"), only, rows=3)
        self.initial.setdefault("complete", drafts.place(None))  # type: ignore[arg-type]
        self.order_fields(["category", "place", "lon", "lat", "complete", "name", "email", "phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.chosen.case_type == KEY:
            self._settle_place(data)
        return data

    def _settle_place(self, data: dict[str, Any]) -> None:
        data["point"], data["address_text"] = None, ""
        typed = (data.get("place") or "").strip()
        if not typed:
            return
        data["complete"] = ""
        if data.get("lon") is not None and data.get("lat") is not None:
            data["point"], data["address_text"] = (data["lon"], data["lat"]), typed
            return
        found = places.geocode(typed, limit=1)
        if not found:
            self.add_error("place", _("Nie znaleźliśmy takiego miejsca. Popraw je albo zostaw pole puste."))
            return
        data["point"], data["address_text"] = (found[0].lon, found[0].lat), found[0].label

    def decision(self) -> Decision:
        """What was chosen, for the service."""
        data = self.cleaned_data
        names = ("name", "email", "phone", "postal", "complete", "reply", "address_text")
        category = cases.category_by_id(int(data["category"])) if data.get("category") else None
        texts = {name: data.get(name) or "" for name in names}
        agreed = bool(data.get("name_public"))
        return Decision(key=self.chosen.key, category=category, point=data.get("point"), name_public=agreed, **texts)


def _category_choices() -> list[Any]:
    return [(group.name, [(str(one.pk), one.title) for one in group.categories]) for group in category_groups()]


class JoinForm(forms.Form):
    """Which case a letter belongs to, and as whose words."""

    WHO = (("filer", _("Osoba, która założyła sprawę")), ("other", _("Ktoś inny – dopisz jako notatkę wewnętrzną")))
    number = forms.CharField(
        label=_("Numer sprawy"),
        max_length=24,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
        error_messages={"required": _("Wpisz numer sprawy.")},
    )
    who = forms.ChoiceField(
        label=_("Kto napisał ten list?"),
        choices=WHO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wybierz, kto napisał ten list.")},
    )


class WriteForm(forms.Form):
    """A message to the sender that decides nothing."""

    body = _area(_("Wiadomość do nadawcy"), required=True, rows=8)


class PlaceForm(forms.Form):
    """The place of a report that came without one."""

    place = forms.CharField(
        label=_("Miejsce"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Wpisz miejsce.")},
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)

    def point(self) -> tuple[float, float]:
        """The place chosen or found; raises ``ValidationError``."""
        data = self.cleaned_data
        if data.get("lon") is not None and data.get("lat") is not None:
            return data["lon"], data["lat"]
        found = places.geocode(data["place"], limit=1)
        if not found:
            raise ValidationError({"place": _("Nie znaleźliśmy takiego miejsca.")})
        return found[0].lon, found[0].lat


class PaperForm(SenderForm):
    """A letter that came on paper or was brought by hand."""

    received_on = forms.DateField(
        label=_("Data wpływu"),
        help_text=_("Od tego dnia biegną terminy. Na przykład 12 5 2026."),
        widget=DateParts,
        error_messages={"required": _("Podaj datę wpływu."), "invalid": _("Podaj prawdziwą datę.")},
    )
    subject = forms.CharField(
        label=_("Czego dotyczy"), max_length=300, error_messages={"required": _("Napisz, czego dotyczy.")}
    )
    body = forms.CharField(
        label=_("Treść"),
        help_text=_("Przepisz albo streść pismo. Skany dodaj niżej."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Wpisz treść pisma albo jej streszczenie.")},
    )
    scans = MultipleFileField(label=_("Skany i zdjęcia pisma"), required=False)

    field_order = ("received_on", "subject", "body", "scans", "name", "postal", "email", "phone")

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > clock.today():
            raise ValidationError(_("Data wpływu nie może być z przyszłości."))
        return day


class LetterForm(forms.Form):
    """A complaint, a proposal or a petition written on the page. Without name and address it may be sent only knowingly."""

    KINDS = (
        ("complaint", _("Skarga – coś zrobiono źle, za późno albo wcale")),
        ("proposal", _("Wniosek – mam pomysł, co ulepszyć")),
    )
    kind = forms.ChoiceField(
        label=_("Co chcesz złożyć?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wybierz, co chcesz złożyć.")},
    )
    body = forms.CharField(
        label=_("Treść"),
        help_text=_("Napisz, czego i kogo dotyczy sprawa, kiedy się zdarzyła i czego oczekujesz."),
        max_length=4800,
        widget=forms.Textarea(attrs={"rows": 9}),
        error_messages={"required": _("Napisz, o co chodzi.")},
    )
    name = forms.CharField(
        label=_("Imię i nazwisko albo nazwa"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "hide_optional": True}),
    )
    postal = forms.CharField(
        label=_("Adres do korespondencji"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address", "hide_optional": True}),
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Na ten adres wyślemy numer sprawy i odpowiedź."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl.")},
    )
    anonymous = forms.BooleanField(
        label=_("Wysyłam bez imienia, nazwiska lub adresu. Wiem, że pismo pozostanie bez rozpoznania."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warn = bool(self.data) and not (self.data.get("name", "").strip() and self.data.get("postal", "").strip())
        if not self.warn:
            del self.fields["anonymous"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.warn and not data.get("anonymous"):
            words = _("Podaj imię i nazwisko oraz adres. Bez nich prawo każe pozostawić pismo bez rozpoznania.")
            self.add_error("name" if not data.get("name") else "postal", words)
        return data

    def letter(self) -> dict[str, str]:
        """The class and the answers for ``web.file``."""
        data = self.cleaned_data
        return {"key": data["kind"], "postal": data["postal"], **{name: data[name] for name in ("body", "name", "email")}}


class PetitionForm(LetterForm):
    """A petition written on the page (act of 11 July 2014, art. 4): it becomes public, the name only on consent."""

    kind = None  # type: ignore[assignment]
    name_public = forms.BooleanField(
        label=_("Zgadzam się, żeby moje imię i nazwisko albo nazwę podano przy petycji na stronie urzędu"),
        help_text=_("Bez tej zgody publikujemy tylko treść i daty (art. 4 ust. 3 i art. 8 ustawy o petycjach)."),
        required=False,
    )
    field_order = ("body", "name", "postal", "email", "name_public", "anonymous")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].help_text = _(
            "Pierwszy wiersz będzie tytułem. Napisz, o co prosisz i dlaczego to ważne dla wszystkich."
        )
        self.fields["email"].required = True
        self.fields["email"].widget.attrs["required"] = False
        self.fields["email"].error_messages["required"] = _("Podaj adres e-mail: wymaga go art. 4 ust. 5 ustawy o petycjach.")

    def letter(self) -> dict[str, Any]:
        """The class and the answers for ``web.file``."""
        names = ("body", "name", "postal", "email", "name_public")
        return {"key": "petition", **{name: self.cleaned_data[name] for name in names}}


class InformationForm(forms.Form):
    """A request for public information: nobody has to say who they are (act of 6 September 2001, art. 2)."""

    FORMS = (("email", _("e-mailem")), ("paper", _("na papierze, pocztą")), ("view", _("do wglądu w urzędzie")))
    body = forms.CharField(
        label=_("Jaką informację chcesz dostać?"),
        help_text=_("Napisz możliwie dokładnie: jaki dokument, z jakiego okresu. Nie musisz mówić, po co."),
        max_length=4800,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Napisz, jaką informację chcesz dostać.")},
    )
    form = forms.ChoiceField(
        label=_("Jak mamy ją przekazać?"), choices=FORMS, widget=forms.RadioSelect, initial="email",
        error_messages={"required": _("Wybierz, jak mamy przekazać informację.")},
    )  # fmt: skip
    email = LetterForm.base_fields["email"]
    postal = LetterForm.base_fields["postal"]
    name = LetterForm.base_fields["name"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("form") == "email" and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Podaj adres e-mail, na który mamy wysłać informację."))
        if data.get("form") == "paper" and not data.get("postal"):
            self.add_error("postal", _("Podaj adres, na który mamy wysłać informację."))
        return data

    def letter(self) -> dict[str, str]:
        """The class and the answers for ``web.file``."""
        return {"key": "information", **{name: self.cleaned_data[name] for name in ("body", "name", "email", "postal", "form")}}
