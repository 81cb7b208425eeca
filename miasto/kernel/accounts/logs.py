"""Keeps secret tokens out of the logs: a failed request is logged with its path, and the path may hold a token."""

from __future__ import annotations

import logging
import re
from typing import Any

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TOKEN = re.compile(rf"(?<=/)(?!{_UUID}(?:/|\s|$))[\w:.~-]{{20,}}(?=[/?\s'\"]|$)")


class HideTokens(logging.Filter):
    """Replaces every long part of a path that is no UUID: tokens of secret links, of new passwords, of addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; it is always kept."""
        if isinstance(record.msg, str):
            record.msg = TOKEN.sub("…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        return True


def _hidden(value: Any) -> Any:
    return TOKEN.sub("…", value) if isinstance(value, str) else value
