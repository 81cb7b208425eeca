"""Template tags of the design system; loaded in every template (``builtins``). Examples are in docs/ui.md."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm, Field, Textarea
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.money import zloty
from miasto.kernel.core.numbers import written
from miasto.kernel.ui.app import icon_address
from miasto.kernel.ui.charts import Pairs, Series, layout, pairs_layout, rows_layout
from miasto.kernel.ui.time_charts import TimeChart, extremes, time_layout

register = template.Library()
AGO = {  # the accusative that „temu” needs, which Django's own words lack
    "year": ngettext_lazy("%(num)d rok", "%(num)d lat", "num"),
    "month": ngettext_lazy("%(num)d miesiąc", "%(num)d miesięcy", "num"),
    "week": ngettext_lazy("%(num)d tydzień", "%(num)d tygodni", "num"),
    "day": ngettext_lazy("%(num)d dzień", "%(num)d dni", "num"),
    "hour": ngettext_lazy("%(num)d godzinę", "%(num)d godzin", "num"),
    "minute": ngettext_lazy("%(num)d minutę", "%(num)d minut", "num"),
}
register.filter("zloty", zloty)
TAG_COLOURS = ("grey", "green", "blue", "yellow", "orange", "red", "purple")


@cache
def _icons() -> dict[str, str]:
    collected = Path(settings.STATIC_ROOT) / "ui" / "icons.json"
    path = collected if collected.exists() else finders.find("ui/icons.json")
    if not path:
        raise ImproperlyConfigured("the browser assets are not built: run `npm ci` and `npm run build`")
    return json.loads(Path(path).read_text("utf-8"))


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the Lucide set as inline SVG, hidden from screen readers: text beside it says the same."""
    try:
        drawing = _icons()[name]
    except KeyError:
        raise template.TemplateSyntaxError(f"there is no icon {name!r} in lucide-static") from None
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">{}</svg>',
        f"ui-icon {extra}".strip(),
        mark_safe(drawing),
    )


@register.simple_tag
def app_icon(name: str) -> str:
    """The address of an icon of the application, as ``miasto.kernel.ui.app`` draws them."""
    return icon_address(name)


@register.simple_tag
def tag(text: Any, colour: str = "grey") -> SafeString:
    """A status label; the colour only repeats what the text says."""
    if colour not in TAG_COLOURS:
        raise template.TemplateSyntaxError(f"a tag is {', '.join(TAG_COLOURS)}, not {colour!r}")
    return format_html('<strong class="ui-tag ui-tag--{}">{}</strong>', colour, text)


@register.simple_tag
def crumb(name: Any, url: str = "") -> SafeString:
    """One step of the breadcrumbs; without an address it is the page itself."""
    if not url:
        return format_html('<li aria-current="page">{}</li>', name)
    return format_html('<li><a href="{}">{}</a></li>', url, name)


@register.simple_tag
def script(name: str) -> SafeString:
    """A module script built from ``miasto/**/<app>/static_src/<name>.js``: ``{% script "cases/queue" %}``."""
    return format_html('<script type="module" src="{}"></script>', static(f"js/{name}.js"))


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """An instant on the city's clock: „12 maja 2026, 14:05”."""
    if moment is None:
        return SafeString("–")
    local = clock.local(moment)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), date_format(local, "j E Y, H:i"))


@register.simple_tag
def when_date(day: date | datetime | None) -> SafeString:
    """A date: „12 maja 2026”; of an instant, the date on the city's clock."""
    if day is None:
        return SafeString("–")
    local = clock.local(day).date() if isinstance(day, datetime) else day
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, "j E Y"))


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """How long ago: „3 dni temu”; the full date is in the title."""
    if moment is None:
        return SafeString("–")
    now, local = clock.now(), clock.local(moment)
    if now - moment < timedelta(minutes=1):
        text = _("przed chwilą")
    else:
        text = _("%(time)s temu") % {"time": timesince(moment, now, time_strings=AGO, depth=1)}
    iso, full = local.isoformat(timespec="minutes"), date_format(local, "j E Y, H:i")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, full, text)


@register.simple_tag
def stat_number(value: Any, label: Any) -> SafeString:
    """One number with its meaning; stand several in ``<dl class="ui-stats">``."""
    shown = number_format(value, force_grouping=True, use_l10n=True) if isinstance(value, int | float) else value
    return format_html('<div class="ui-stat"><dt>{}</dt><dd>{}</dd></div>', label, shown)


@register.filter
def number(value: float | None, decimals: int = 1) -> str:
    """``{{ value|number }}``, ``{{ value|number:2 }}``: „−12,5”; whole numbers have no decimals, and none is a dash."""
    if value is None or value == "":
        return "–"
    return written(value, 0 if isinstance(value, int) else decimals)


@register.inclusion_tag("ui/parts/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """All errors of one or more forms, each a link to its field."""
    errors = []
    for form in forms:
        if not form or not form.is_bound:
            continue
        errors += [("", message) for message in form.non_field_errors()]
        errors += [(_target(field), _sentence(field, message)) for field in form for message in field.errors]
    return {"errors": errors}


def _sentence(field: Any, message: str) -> str:
    """The error as it reads away from its field: the words that Django has for every field get the label."""
    general = message == Field.default_error_messages["required"]
    return f"{field.label}: {message[:1].lower()}{message[1:]}" if general else message


def _target(field: Any) -> str:
    """The id of the control to go to: of a group of choices or a date, its first control."""
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")


@register.inclusion_tag("ui/parts/pagination.html", takes_context=True)
def pagination(context: template.Context, page_obj: Any, parameter: str = "page") -> dict[str, Any]:
    """Links to the pages of a list; the rest of the query string is kept."""
    query = context["request"].GET.copy()

    def link(number: int) -> str:
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    pages = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    gap = page_obj.paginator.ELLIPSIS
    return {
        "page": page_obj,
        "links": [(number, None if number == gap else link(number)) for number in pages],
        "previous": link(page_obj.previous_page_number()) if page_obj.has_previous() else "",
        "next": link(page_obj.next_page_number()) if page_obj.has_next() else "",
    }


@register.inclusion_tag("ui/parts/empty_state.html")
def empty_state(title: Any, text: Any, icon: str = "inbox", url: str = "", label: Any = "") -> dict[str, Any]:
    """What to say where a list is empty, and what can be done about it."""
    return {"title": title, "text": text, "icon": icon, "url": url, "label": label}


@register.inclusion_tag("ui/parts/city_map.html")
def city_map(
    id: str = "map",
    layers: str = "",
    lat: Any = None,
    lon: Any = None,
    zoom: Any = None,
    pick: str = "",
    twin: str = "",
    geojson: str = "",
    live: str = "",
    size: str = "",
    label: Any = "",
    chooser: bool = False,
    shapes: str = "",
    draw: str = "",
    most_vertices: int = 200,
    heat: bool = False,
) -> dict[str, Any]:
    """The map component.

    ``layers`` and ``pick`` ("id of the latitude field,id of the longitude field") are comma lists, ``twin`` is a selector of
    the list that says the same in words, ``geojson`` an address whose features are drawn and fitted to, ``live`` an address of
    server-sent events after which the map reads itself anew, ``size`` "", "small" or "tall". ``shapes`` ("point,line,area")
    lets the reader draw; ``draw`` is the id of the field that keeps one GeoJSON geometry (empty: events only). ``heat`` draws
    the page's features as a heat map by their ``count``.
    """
    longitude, latitude = city().centre
    return {
        "id": id,
        "layers": layers,
        "pick": pick,
        "twin": twin,
        "geojson": geojson,
        "live": live,
        "size": size,
        "label": label or _("Mapa"),
        "chooser": chooser,
        "shapes": shapes,
        "draw": draw,
        "most_vertices": most_vertices,
        "heat": heat,
        "lon": _plain(longitude if lon in (None, "") else lon),
        "lat": _plain(latitude if lat in (None, "") else lat),
        "placed": lon not in (None, "") and lat not in (None, ""),
        "zoom": _plain(zoom or city().zoom),
        "bbox": ",".join(_plain(value) for value in city().bbox),
        "attribution": city().data.get("map_attribution", ""),
        "style_url": "/mapa/styl.json",
    }


def _plain(number: Any) -> str:
    """A number with a point, whatever the reader's language."""
    return str(number).replace(",", ".")


@register.simple_tag
def field_options(field: Any) -> list[tuple[Any, str, list[Any]]]:
    """``(option, hint, bound fields shown with it)`` of a field of choices."""
    wanted = getattr(field.form, "conditional", {}).get(field.name, {})
    hints = getattr(field.form, "option_hints", {}).get(field.name, {})
    return [
        (
            option,
            hints.get(str(option.data["value"]), ""),
            [field.form[name] for name in wanted.get(str(option.data["value"]), ())],
        )
        for option in field.subwidgets
    ]


@register.simple_tag
def free_fields(form: BaseForm) -> list[Any]:
    """The visible fields of a form that are not drawn under an answer of another."""
    taken = {name for rules in getattr(form, "conditional", {}).values() for names in rules.values() for name in names}
    return [field for field in form.visible_fields() if field.name not in taken]


@register.filter
def widget_kind(field: Any) -> str:
    """Which markup a field needs: radios, checkboxes, checkbox, group, counted (a text area with a limit) or input."""
    widget = field.field.widget
    if isinstance(widget, Textarea) and widget.attrs.get("maxlength"):
        return "counted"
    kind = getattr(widget, "input_type", "")
    if kind in ("radio", "checkbox") and hasattr(widget, "choices"):
        return "radios" if kind == "radio" else "checkboxes"
    if kind == "checkbox":
        return "checkbox"
    return "group" if widget.use_fieldset else "input"


@register.simple_tag
def counted(field: Any) -> SafeString:
    """A text area that the page counts the letters of; described by its hint, its error and the count."""
    described = " ".join(filter(None, (field.aria_describedby, f"{field.id_for_label}-info")))
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"govuk-js-character-count {own}".strip(), "aria-describedby": described})


@register.simple_tag
def page_url(name: str, *args: Any) -> str:
    """An address by name, or an empty text where nothing has that name (an engine that may be absent)."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("ui/parts/chart.html")
def bar_chart(series: Series) -> dict[str, Any]:
    """Bars with a table of the same values; ``series`` is a ``ui.charts.Series``."""
    return {**layout(series), "kind": "bar"}


@register.inclusion_tag("ui/parts/chart_rows.html")
def row_chart(series: Series) -> dict[str, Any]:
    """A row with a bar for each value: for labels of words, legible on a phone; it is its own table."""
    return rows_layout(series)


@register.inclusion_tag("ui/parts/chart.html")
def line_chart(series: Series) -> dict[str, Any]:
    """A line with a table of the same values; ``series`` is a ``ui.charts.Series``."""
    return {**layout(series), "kind": "line"}


@register.inclusion_tag("ui/parts/chart_pairs.html")
def pairs_chart(pairs: Pairs) -> dict[str, Any]:
    """Two columns for each label with a legend and a table of the same values; ``pairs`` is a ``ui.charts.Pairs``."""
    return pairs_layout(pairs)


@register.inclusion_tag("ui/parts/time_chart.html")
def time_chart(chart: TimeChart) -> dict[str, Any]:
    """Lines over time with levels, and a table of the same values; ``chart`` is a ``ui.time_charts.TimeChart``."""
    return time_layout(chart)


@register.inclusion_tag("ui/parts/chart_print.html", takes_context=True)
def printed_chart(context: Any, chart: TimeChart | Series | Pairs) -> dict[str, Any]:
    """A chart on paper (``ui/pdf.html``), drawn without a style sheet; the numbers stand in a table beside it."""
    frame = {"colour": context["colour"], "svg_text": context["svg_text"]}
    if isinstance(chart, TimeChart):
        looks = ((context["colour"], ""), ("#1f5fa8", "7 4"), ("#2f6b2f", "2 4"), ("#6b2fa0", "10 3 2 3"))
        laid = time_layout(chart)
        found = zip(laid.get("lines", ()), looks, strict=False)
        lines = [{**one, "look": look, "key_y": -20 * number - 6} for number, (one, look) in enumerate(found)]
        above = 20 * len(lines) if len(lines) > 1 else 0
        space = {"above": above, "tall": laid.get("height", 0) + above}
        return {**laid, **frame, **space, "kind": "time", "series": chart, "lines": lines, "alt": extremes(chart)}
    if isinstance(chart, Pairs):
        return {**pairs_layout(chart), **frame, "kind": "pairs", "alt": chart.title}
    laid = rows_layout(chart)
    rows = [
        {**row, "y": 22 * n + 4, "text_y": 22 * n + 15, "long": f"{3 * float(row['width']):.1f}"}
        for n, row in enumerate(laid["rows"])
    ]
    told = "; ".join(f"{row['label']}: {row['value']}" for row in rows)
    return {**laid, **frame, "kind": "rows", "rows": rows, "tall": 22 * len(rows) + 4, "alt": f"{chart.title}. {told}"}
