"""A database that is not ours is looked at before anything is written to it."""

from __future__ import annotations

import psycopg
import pytest

from miasto.launch import external
from miasto.launch.clone import LaunchError


@pytest.fixture
def database(server):
    """Makes a database in the shared server: ``database("name", "OPTIONS")`` -> its address."""

    def make(name: str, options: str) -> str:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {options}'.encode())
        return server.url(name)

    return make


def test_a_database_made_as_the_message_says_is_accepted(server):
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(external.MAKE.replace("CREATE DATABASE miasto", "CREATE DATABASE as_told").encode())
    external.check(server.url("as_told"))


def test_a_database_that_does_not_know_polish_letters_is_refused_with_the_command_that_makes_a_right_one(database):
    url = database("no_letters", "ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(LaunchError, match="nie zna polskich liter") as refusal:
        external.check(url)
    assert external.MAKE in str(refusal.value)


def test_a_database_with_the_english_order_of_letters_is_refused(database):
    url = database("english", "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'")
    with pytest.raises(LaunchError, match="nie zna polskich liter albo ich kolejności"):
        external.check(url)


@pytest.mark.parametrize("encoding", ["LATIN2", "SQL_ASCII"])
def test_a_database_in_another_encoding_is_refused_by_the_name_of_the_encoding(database, encoding):
    url = database(f"in_{encoding}", f"ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(LaunchError, match=f"kodowanie {encoding}"):
        external.check(url)


def test_a_role_that_may_not_switch_postgis_on_is_told_what_the_administrator_must_do(server):
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE weak LOGIN")
        connection.execute(external.MAKE.replace("CREATE DATABASE miasto", "CREATE DATABASE weak OWNER weak").encode())
    with pytest.raises(LaunchError, match="CREATE EXTENSION postgis"):
        external.check(server.url("weak").replace("//miasto@", "//weak@"))


def test_a_server_that_does_not_answer_is_reported_with_the_reason():
    with pytest.raises(LaunchError, match="Nie mogę połączyć się z bazą danych z DATABASE_URL"):
        external.check("postgresql://miasto@127.0.0.1:1/miasto")


def test_an_address_that_is_none_is_reported_without_its_password():
    with pytest.raises(LaunchError, match="DATABASE_URL") as refusal:
        external.check("mysql://miasto:hunter2@localhost/miasto")
    assert "hunter2" not in str(refusal.value)
