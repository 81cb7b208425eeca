"""What is printed: every letter from the file that has it, and nothing that the printer does not understand."""

import io
import logging

from miasto.kernel.ui import printing

LETTERS = "Zażółć gęślą jaźń"


def test_polish_letters_are_drawn_from_the_file_that_has_them_and_nothing_is_ignored(caplog):
    """A reader that copies the text sees "ł" even where none is drawn, so what counts is which fonts are inside."""
    from pypdf import PdfReader

    svg = f'<svg viewBox="0 0 300 40"><text font-family="{printing.SVG_TEXT}" y="20">{LETTERS}</text></svg>'
    words = f"<h1>{LETTERS}</h1><p>{LETTERS} <b>{LETTERS}</b></p>{svg}"
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        data = printing.tagged(printing.page("ui/pdf.html", {}).replace("</body>", f"{words}</body>"))
    assert [record.getMessage() for record in caplog.records] == []
    (page,) = PdfReader(io.BytesIO(data)).pages
    inside = {str(font.get_object()["/BaseFont"]).split("+")[1] for font in page["/Resources"]["/Font"].values()}
    kinds = ("Text", "Text-Ext", "Text-Bold", "Text-Ext-Bold", "Display-Bold", "Display-Ext-Bold")
    assert inside == {f"Miasto-{kind}" for kind in kinds}
