"""A second, tiny city starts from its profile alone, and a new module passes the contracts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CITIES = Path(__file__).resolve().parent / "cities"


def run(*command, cwd=ROOT, **environment):
    return subprocess.run(
        [sys.executable, "-m", "miasto", *command],
        cwd=cwd,
        env={**os.environ, "MIASTO_VAR": str(ROOT / "var"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def empty_database(db, django_db_blocker):
    from django.db import connection

    name = f"{connection.settings_dict['NAME']}_second"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    settings = connection.settings_dict
    yield f"postgresql://{settings['USER']}@/{name}?host={settings['HOST']}&port={settings['PORT']}".removesuffix("&port=")
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_second_city_starts_from_its_profile_alone(empty_database):
    city = {"MIASTO_CITIES": str(CITIES), "MIASTO_CITY": "mala", "DATABASE_URL": empty_database}
    prepared = run("prepare", **city)
    assert prepared.returncode == 0, prepared.stderr
    asked = run(
        "shell",
        "-c",
        "from django.test import Client; page = Client().get('/').content.decode(); "
        "from miasto.kernel.core.city import city; "
        "print(city().platform_name in page)",
        **city,
    )
    assert asked.stdout.strip().endswith("True"), asked.stderr


def test_a_new_module_passes_the_contracts_its_own_tests_and_migrates(tmp_path, empty_database):
    """Beside every other module, in a copy of the sources; its tests begin with the database that is migrated up to it."""
    for name in ("miasto", "cities", "pyproject.toml", "conftest.py", "tests/__init__.py", "tests/environment.py"):
        source = ROOT / name
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "base.txt", tmp_path / "requirements")  # which versions the kept database is of
    name = _city(tmp_path)
    profile = tmp_path / "cities" / name / "city.toml"
    city = {"MIASTO_CITY": name, "DATABASE_URL": empty_database, "MIASTO_CITIES": ""}

    started = run("startmodule", "parking_posts", cwd=tmp_path, **city)
    assert started.returncode == 0, started.stderr
    profile.write_text(profile.read_text("utf-8").replace("modules = [", 'modules = ["parking_posts", '), "utf-8")
    made = run("makemigrations", "parking_posts", cwd=tmp_path, **city)
    assert made.returncode == 0, made.stderr

    contracts = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert contracts.returncode == 0, contracts.stdout
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "miasto/modules/parking_posts"],
        cwd=tmp_path,
        env={**os.environ, **city, "MIASTO_VAR": str(ROOT / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout
    code = [path for path in (tmp_path / "miasto/modules/parking_posts").rglob("*.py") if "migrations" not in path.parts]
    assert sum(len(path.read_text().splitlines()) for path in code) < 200


def _city(folder: Path) -> str:
    return next(path.parent.name for path in sorted((folder / "cities").glob("*/city.toml")))


@pytest.mark.parametrize(("slug", "words"), [("Rats", "lower case"), ("contact_centre", "exists already")])
def test_a_wrong_name_of_a_new_module_is_refused(slug, words):
    refused = run("startmodule", slug)
    assert refused.returncode != 0
    assert words in refused.stderr
