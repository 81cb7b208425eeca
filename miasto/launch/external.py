"""A database that is not ours (``DATABASE_URL``): can it hold a city?"""

from __future__ import annotations

import psycopg

from miasto.launch.clone import LaunchError

_QUESTIONS = """
SELECT current_setting('server_version_num')::int,
       current_setting('server_encoding'),
       lower('ŚLĄSKA') = 'śląska',
       'łan' > 'lzy' AND 'łan' < 'mak',
       EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'),
       EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'postgis'),
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
_MAKE = "CREATE DATABASE miasto TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'pl' LOCALE 'C.UTF-8';"


def check(url: str) -> None:
    """Raise ``LaunchError`` (what is wrong and how to mend it) unless the database at ``url`` can be used.

    Asks for PostgreSQL 15 or later, UTF-8, Polish lower case and order (under the locale C ``lower('ŚLĄSKA')``
    is wrong and ł sorts after z), and PostGIS.
    """
    try:
        with psycopg.connect(url.replace("postgis://", "postgresql://", 1), connect_timeout=10) as connection:
            row = connection.execute(_QUESTIONS.encode()).fetchone()
    except psycopg.OperationalError as error:
        raise LaunchError(
            f"Nie mogę połączyć się z bazą danych z DATABASE_URL: {str(error).strip()}\n"
            f"Sprawdź adres, hasło i to, czy serwer działa."
        ) from error
    except psycopg.Error as error:
        raise LaunchError(f"Adres w DATABASE_URL jest błędny albo baza ma inne kodowanie niż UTF8: {error}") from error
    assert row is not None
    version, encoding, lower, order, available, present, superuser = row
    if version < 150000:
        raise LaunchError(f"Platforma potrzebuje PostgreSQL 15 lub nowszego, a ten serwer ma wersję {version // 10000}.")
    if encoding != "UTF8":
        raise LaunchError(f"Baza danych ma kodowanie {encoding}, a platforma potrzebuje UTF8. Utwórz ją tak:\n    {_MAKE}")
    if not lower or not order:
        raise LaunchError(f"Baza danych nie zna polskich liter albo ich kolejności. Utwórz ją tak:\n    {_MAKE}")
    if not available:
        raise LaunchError("Na serwerze bazy danych nie ma PostGIS. W Debianie 12: apt-get install postgresql-15-postgis-3")
    if not present and not superuser:
        raise LaunchError(
            "W bazie danych nie włączono PostGIS, a ta rola nie ma do tego prawa. Administrator bazy musi wykonać:\n"
            "    CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm;"
        )
