"""How forms are drawn: the renderer of the platform and the few widgets that Django lacks.

``{{ form.field.as_field_group }}`` gives label, hint, error and control; ``{{ form }}`` all of them. A form may name fields
that belong to one answer of a choice: ``conditional = {"contact": {"email": ("address",)}}``; they are drawn under it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

CLASSES = {
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "file": "govuk-file-upload",
    "radio": "govuk-radios__input",
    "checkbox": "govuk-checkboxes__input",
    "checkbox_select": "govuk-checkboxes__input",
}
ERROR_CLASSES = {"govuk-input", "govuk-select", "govuk-textarea", "govuk-file-upload"}
DRAWING = ("label_class", "legend_class", "group_class", "hide_optional")
PLAIN = {"hidden", "multiple_hidden", "attrs", "multiwidget", "date_parts", "splitdatetime", "select_date"}


class Renderer(TemplatesSetting):
    """Draws Django's fields with the platform's markup; set as ``FORM_RENDERER``."""

    form_template_name = "ui/forms/form.html"
    formset_template_name = "ui/forms/formset.html"
    field_template_name = "ui/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Draw one template; a widget of Django's own gets the class of its kind."""
        folder, _slash, file = template_name.rpartition("/")
        if folder == "django/forms/widgets":
            _dress(context["widget"], file.removesuffix(".html"))
        return super().render(template_name, context, request)


def _dress(widget: dict[str, Any], kind: str) -> None:
    widget["attrs"] = {name: value for name, value in (widget.get("attrs") or {}).items() if name not in DRAWING}
    kind = {"radio_option": "radio", "checkbox_option": "checkbox", "clearable_file_input": "file"}.get(kind, kind)
    if kind in PLAIN or kind.endswith("hidden"):
        return
    attrs = widget["attrs"]
    own = CLASSES.get(kind, "govuk-input")
    names = attrs.get("class", "").split()
    if own not in names:
        names.insert(0, own)
    if attrs.get("aria-invalid") == "true" and own in ERROR_CLASSES:
        names.append(f"{own}--error")
    attrs["class"] = " ".join(dict.fromkeys(names))


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
