"""Made-up files of the demo: a drawn film where a real city shows a sign language interpreter, and a one-page document."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core.files.base import ContentFile

SIZE, FRAMES, PER_SECOND = (480, 270), 40, 8
CAPTIONS = """WEBVTT

00:00.000 --> 00:05.000
Film pokazowy. Prawdziwe miasto pokaże tu tłumacza języka migowego.
"""


def film() -> ContentFile:
    """Five seconds of two moving dots, as WebM (VP8); the library of pictures is imported only here."""
    import cv2
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.webm"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"VP80"), PER_SECOND, SIZE)
        for number in range(FRAMES):
            frame = numpy.full((SIZE[1], SIZE[0], 3), (92, 52, 28), numpy.uint8)
            sway = abs(number % 20 - 10) * 6
            for x in (SIZE[0] // 2 - 40 - sway, SIZE[0] // 2 + 40 + sway):
                cv2.circle(frame, (x, SIZE[1] // 2), 26, (214, 226, 240), -1)
            writer.write(frame)
        writer.release()
        return ContentFile(path.read_bytes(), name="film.webm")


def captions() -> ContentFile:
    """What the film says, as WebVTT."""
    return ContentFile(CAPTIONS.encode(), name="film.vtt")


def sheet(text: str) -> ContentFile:
    """A document of one page with one line of plain ASCII (ISO 32000-1, 7.5)."""
    stream = f"BT /F1 20 Tf 72 760 Td ({text}) Tj ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    size = len(objects) + 1
    return ContentFile(data + end % (size, table, size, len(data)), name="dokument.pdf")
