"""How forms are drawn: the renderer of the platform.

``{{ form.field.as_field_group }}`` gives label, hint, error and control; ``{{ form }}`` all of them. A form may name fields
that belong to one answer of a choice: ``conditional = {"contact": {"email": ("address",)}}``; they are drawn under it.
"""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

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
            if file == "select.html":
                return _select_markup(context["widget"])
        return super().render(template_name, context, request)


def _select_markup(widget: dict[str, Any]) -> SafeString:
    """A select without a template for each option: lists of a hundred streets or categories took half a page's time."""
    parts = []
    for group, options, _index in widget["optgroups"]:
        drawn = "".join(map(_option_markup, options))
        parts.append(f'<optgroup label="{conditional_escape(group)}">{drawn}</optgroup>' if group else drawn)
    attrs = flatatt({"name": widget["name"], **widget["attrs"]})
    return mark_safe(f"<select{attrs}>{''.join(parts)}</select>")


def _option_markup(option: dict[str, Any]) -> str:
    attrs = flatatt(option["attrs"]) if option["attrs"] else ""
    return f'<option value="{conditional_escape(str(option["value"]))}"{attrs}>{conditional_escape(option["label"])}</option>'


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
