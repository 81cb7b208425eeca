"""A database that is not ours (``DATABASE_URL``): can it hold a city?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import psycopg

from miasto.launch.clone import LaunchError

_ENCODING = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
_LANGUAGE = "SELECT lower('ŚLĄSKA') = 'śląska', 'łan' > 'lzy' AND 'łan' < 'mak'"
_POSTGIS = """
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgis'),
       EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis'),
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
MAKE = "CREATE DATABASE miasto TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'pl' LOCALE 'C.UTF-8';"


def check(url: str) -> None:
    """Raise ``LaunchError`` (what is wrong and how to mend it) unless the database at ``url`` can be used.

    Asks for PostgreSQL 15 or later, UTF-8, Polish lower case and order (under the locale C ``lower('ŚLĄSKA')``
    is wrong and ł sorts after z), and PostGIS.
    """
    if urlsplit(url).scheme not in ("postgresql", "postgres", "postgis"):
        raise LaunchError("Adres w DATABASE_URL musi zaczynać się od postgresql://")
    try:
        address = url.replace("postgis://", "postgresql://", 1)
        with psycopg.connect(address, connect_timeout=10, client_encoding="UTF8") as connection:
            _check_encoding(connection)
            _check_language(connection)
            _check_postgis(connection)
    except psycopg.OperationalError as error:
        raise LaunchError(
            f"Nie mogę połączyć się z bazą danych z DATABASE_URL: {str(error).strip()}\n"
            f"Sprawdź adres, hasło i to, czy serwer działa."
        ) from error
    except psycopg.ProgrammingError as error:
        raise LaunchError(f"Adres w DATABASE_URL jest błędny: {error}") from error


def _check_encoding(connection: psycopg.Connection[Any]) -> None:
    version, encoding = _row(connection, _ENCODING)
    if version < 150000:
        raise LaunchError(f"Platforma potrzebuje PostgreSQL 15 lub nowszego, a ten serwer ma wersję {version // 10000}.")
    if encoding != "UTF8":
        raise LaunchError(f"Baza danych ma kodowanie {encoding}, a platforma potrzebuje UTF8. Utwórz ją tak:\n    {MAKE}")


def _check_language(connection: psycopg.Connection[Any]) -> None:
    if not all(_row(connection, _LANGUAGE)):
        raise LaunchError(f"Baza danych nie zna polskich liter albo ich kolejności. Utwórz ją tak:\n    {MAKE}")


def _check_postgis(connection: psycopg.Connection[Any]) -> None:
    available, present, superuser = _row(connection, _POSTGIS)
    if not available:
        raise LaunchError("Na serwerze bazy danych nie ma PostGIS. W Debianie 12: apt-get install postgresql-15-postgis-3")
    if not present and not superuser:
        raise LaunchError(
            "W bazie danych nie włączono PostGIS, a ta rola nie ma do tego prawa. Administrator bazy musi wykonać:\n"
            "    CREATE EXTENSION postgis;"
        )


def _row(connection: psycopg.Connection[Any], question: str) -> tuple[Any, ...]:
    row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row
