"""Which documents may be kept, told by their content alone. Nothing here opens or renders a document."""

from __future__ import annotations

import io
import zipfile

KINDS = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "eml": "message/rfc822",
}
REFUSED = ("active", "unknown")
_OPEN_XML = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_NAMES = 5000
_TEXT_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13}


def kind_named(media_type: str) -> str:
    """The kind of a media type; empty for none of ours."""
    return next((kind for kind, name in KINDS.items() if name == media_type), "")


def kind_of(data: bytes) -> str:
    """A key of ``KINDS``, "active" for what may run (macros, embedded objects), or "unknown"."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data[:4] == b"PK\x03\x04":
        return _kind_of_zip(data)
    if data[:8] == _OLE:
        return _kind_of_ole(data)
    if data[:5] == b"{\\rtf":
        return "active" if b"\\objdata" in data or b"\\object" in data else "rtf"
    return "txt" if _is_text(data) else "unknown"


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:_MOST_NAMES]
            first = archive.open(names[0]).read(100).decode("ascii", "replace") if names and names[0] == "mimetype" else ""
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        return "unknown"
    kind = kind_named(first.strip())
    if not kind and "[Content_Types].xml" in names:
        kind = next((found for folder, found in _OPEN_XML if any(name.startswith(folder) for name in names)), "")
    if not kind:
        return "unknown"
    return "active" if any(_runs(name.lower()) for name in names) else kind


def _runs(name: str) -> bool:
    """Whether a part of a document is a macro or an embedded program."""
    return "vbaproject" in name or name.startswith(("basic/", "scripts/")) or "/embeddings/oleobject" in name


def _kind_of_ole(data: bytes) -> str:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("_VBA_PROJECT") or has("Macros") or has("Ole10Native"):
        return "active"
    if has("WordDocument"):
        return "doc"
    return "xls" if has("Workbook") else "unknown"


def _is_text(data: bytes) -> bool:
    """Whether it is plain text that no program runs: no control characters, no script or HTML at the beginning."""
    head = data[:65536]
    start = head.lstrip().lower()
    if start.startswith((b"#!", b"<", b"mz", b"@echo")):
        return False
    return bool(head) and not any(byte in _TEXT_CONTROLS for byte in head)
