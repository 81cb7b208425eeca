"""The parts of which the text of a service page is made: words only, no markup, so that every page has one look."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

HEADING = {"required": False, "max_length": 120, "label": _("Nagłówek")}


class Paragraph(blocks.StructBlock):
    heading = blocks.CharBlock(**HEADING)
    text = blocks.TextBlock(label=_("Tekst"), rows=4, help_text=_("Pusty wiersz zaczyna nowy akapit."))

    class Meta:
        icon = "pilcrow"
        label = _("Akapit")
        template = "content/blocks/paragraph.html"


class Points(blocks.StructBlock):
    heading = blocks.CharBlock(**HEADING)
    items = blocks.ListBlock(blocks.CharBlock(max_length=400, label=_("Pozycja")), label=_("Pozycje"))

    class Meta:
        icon = "list-ul"
        label = _("Lista")
        template = "content/blocks/points.html"


class Documents(blocks.StructBlock):
    items = blocks.ListBlock(blocks.CharBlock(max_length=400, label=_("Dokument")), label=_("Dokumenty"))
    note = blocks.TextBlock(required=False, rows=2, label=_("Uwaga"))

    class Meta:
        icon = "doc-full"
        label = _("Dokumenty")
        template = "content/blocks/documents.html"


class Step(blocks.StructBlock):
    name = blocks.CharBlock(max_length=160, label=_("Krok"))
    text = blocks.TextBlock(required=False, rows=3, label=_("Wyjaśnienie"))


class Steps(blocks.StructBlock):
    items = blocks.ListBlock(Step(), label=_("Kroki"))

    class Meta:
        icon = "list-ol"
        label = _("Krok po kroku")
        template = "content/blocks/steps.html"


class Fee(blocks.StructBlock):
    what = blocks.CharBlock(max_length=200, label=_("Za co"))
    amount = blocks.CharBlock(max_length=80, label=_("Kwota"))


class Fees(blocks.StructBlock):
    rows = blocks.ListBlock(Fee(), label=_("Opłaty"))
    note = blocks.TextBlock(required=False, rows=2, label=_("Uwaga"))

    class Meta:
        icon = "table"
        label = _("Tabela opłat")
        template = "content/blocks/fees.html"


class Notice(blocks.StructBlock):
    text = blocks.TextBlock(rows=2, label=_("Tekst"))

    class Meta:
        icon = "warning"
        label = _("Ważne")
        template = "content/blocks/notice.html"


class Link(blocks.StructBlock):
    label = blocks.CharBlock(max_length=160, label=_("Nazwa"))
    url = blocks.URLBlock(label=_("Adres"))

    class Meta:
        icon = "link"
        label = _("Odsyłacz")
        template = "content/blocks/link.html"


class Body(blocks.StreamBlock):
    """The text of a page, in the order in which a reader needs it."""

    paragraph = Paragraph()
    documents = Documents()
    steps = Steps()
    fees = Fees()
    points = Points()
    notice = Notice()
    link = Link()

    class Meta:
        required = False
        block_counts = {"documents": {"max_num": 1}, "steps": {"max_num": 1}, "fees": {"max_num": 2}}
