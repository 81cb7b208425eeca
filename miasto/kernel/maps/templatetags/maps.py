"""The marks of a map's legend."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
_SHAPES = {
    "point": '<circle cx="10" cy="10" r="6.5" fill="{}" stroke="#fff" stroke-width="2"></circle>',
    "line": '<path d="M2 15 18 5" stroke="{}" stroke-width="4" fill="none"></path>',
    "polygon": '<rect x="2.5" y="4.5" width="15" height="11" rx="2" fill="{}"></rect>',
}


@register.simple_tag
def legend_mark(colour: str, shape: str) -> SafeString:
    """A small drawing of a point, a line or an area in a colour; hidden from screen readers, as the text says the same."""
    drawing = format_html(_SHAPES.get(shape, _SHAPES["point"]), colour)
    return format_html(
        '<svg class="maps-legend__mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>',
        drawing,
    )
