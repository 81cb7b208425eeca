"""The one database, from ``DATABASE_URL``."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def database(url: str, var: Path) -> dict[str, Any]:
    """Django's settings for ``postgresql://user:password@host:port/name?host=/socket/folder``.

    Without a URL: the private cluster that ``./run`` last started here, so that a command typed beside it finds it.
    """
    parts = urlsplit(url or _private(var))
    if parts.scheme not in ("postgres", "postgresql", "postgis"):
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.lstrip("/")) or "miasto",
        "USER": unquote(parts.username or query.get("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(parts.port or "")),
        "OPTIONS": {"pool": _pool()} if os.environ.get("MIASTO_POOL") else {},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a restarted database must not cost the requests that come first
    }


def _private(var: Path) -> str:
    try:
        return (var / "database_url").read_text("utf-8").strip()
    except FileNotFoundError:
        return f"postgresql://miasto@/miasto?host={var / 'pg' / 'run'}"


def _pool() -> dict[str, Any]:
    return {"min_size": 2, "max_size": int(os.environ["MIASTO_POOL"]), "timeout": 10}
