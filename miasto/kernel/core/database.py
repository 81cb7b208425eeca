"""What the platform needs of its database, checked at the start."""

from django.db import connection


class WrongDatabase(Exception):
    """The database cannot carry the platform; says in Polish what is wrong and how to mend it."""


def check_database() -> None:
    """Raise ``WrongDatabase`` unless the database is UTF-8, folds and sorts Polish letters, and has PostGIS at hand."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        encoding = cursor.fetchone()[0]
        if encoding != "UTF8":
            raise WrongDatabase(f"Baza danych ma kodowanie {encoding}. Utwórz ją z kodowaniem UTF8.")
        cursor.execute("SELECT lower('ŚLĄSKA') = 'śląska', 'łan' < 'mak'")
        folds, sorts = cursor.fetchone()
        if not (folds and sorts):
            raise WrongDatabase(
                "Baza danych nie zna polskich liter (zamiany wielkości lub kolejności). Utwórz ją poleceniem: "
                "CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'pl' LOCALE 'C.UTF-8'."
            )
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name IN ('postgis', 'pg_trgm', 'btree_gist')")
        if cursor.fetchone()[0] < 3:
            raise WrongDatabase("Serwer bazy danych nie ma rozszerzenia PostGIS (pakiet postgresql-15-postgis-3).")
