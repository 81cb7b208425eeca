"""The architecture as tests: layers, foreign keys between modules, names, sizes, and no word of a single city."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "miasto"
TRACKED = [ROOT / line for line in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).split("\n") if line]
SUFFIXES = {".py", ".html", ".js", ".mjs", ".scss", ".txt"}
SOURCES = [path for path in TRACKED if path.suffix in SUFFIXES and PACKAGE in path.parents]


def test_the_import_contracts_hold():
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_import_is_excused_from_the_contracts():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert contracts
    assert not [contract["name"] for contract in contracts if "ignore_imports" in contract]


PUBLIC_FILES = {"services", "selectors", "events", "fields", "testing"}
PUBLIC_FILES_OF = {"accounts": {"access"}, "participation": {"counting", "sortition"}}  # docs/adr/0005
WHOLE_PACKAGES = {"core", "spec", "ui"}
PRIVATE_TO_MODULES = {"core.registry", "core.discovery"}


def imported_names(path):
    """Each ``package.file`` of the kernel that a source file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("miasto.kernel"):
            inside = node.module.split(".")[2:]
            for name in [alias.name for alias in node.names] if len(inside) < 2 else [inside[1]]:
                yield ".".join([*inside[:1], name]) if inside else name
        if isinstance(node, ast.Import):
            yield from (".".join(one.name.split(".")[2:4]) for one in node.names if one.name.startswith("miasto.kernel."))


def test_a_module_imports_only_the_public_files_of_engines():
    wrong = []
    for path in SOURCES:
        if path.suffix != ".py" or PACKAGE / "modules" not in path.parents:
            continue
        for found in imported_names(path):
            package, _dot, file = found.partition(".")
            public = PUBLIC_FILES | PUBLIC_FILES_OF.get(package, set())
            if found in PRIVATE_TO_MODULES or (package not in WHOLE_PACKAGES and file not in public):
                wrong.append(f"{path.relative_to(ROOT)}: {found}")
    assert not wrong, f"import services, selectors, events, fields or testing instead of {wrong}"


def test_no_module_points_to_another_modules_tables():
    wrong = []
    for model in apps.get_models():
        owner = model._meta.app_config.name
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey | OneToOneField | ManyToManyField):
                continue
            target = field.related_model._meta.app_config.name
            foreign = target.startswith("miasto.modules.") and target != owner
            hidden = (field.remote_field.related_name or "").endswith("+")  # Django lengthens the "+" of a many-to-many field
            if foreign or (owner.startswith("miasto.modules.") and target != owner and not hidden):
                wrong.append(f"{model._meta.label}.{field.name} -> {target}")
    assert not wrong, f"{wrong}: refer to an engine's row, with related_name='+'"


def test_the_kernel_points_to_no_module():
    names = [path for path in (PACKAGE / "kernel").rglob("*.py") if re.search(r"miasto\.modules\.\w", path.read_text("utf-8"))]
    allowed = {"scaffold.py"}
    assert not [path for path in names if path.name not in allowed and "tests" not in path.parts]


def test_no_code_contains_the_name_of_a_city():
    names = set()
    for path in (ROOT / "cities").glob("*/city.toml"):
        profile = tomllib.loads(path.read_text("utf-8"))
        names |= {profile["name"], profile["name_genitive"], profile["name_locative"]}
    words = re.compile("|".join(rf"\b{re.escape(name)}" for name in names), re.IGNORECASE)
    found = [str(path.relative_to(ROOT)) for path in SOURCES if words.search(path.read_text("utf-8"))]
    assert not found, f"put it in the city's profile: {found}"


def test_files_are_small():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES
        if "migrations" not in path.parts and (lines := len(path.read_text("utf-8").splitlines())) > 600
    }
    assert not long


def test_only_the_tests_of_the_browser_are_marked_so():
    """Each run of ``./test`` collects one half by its place (conftest.py): one marked elsewhere would run in neither."""
    tests = [path for path in TRACKED if path.name.startswith("test_") and path.suffix == ".py"]
    marked = [path for path in tests if "mark." + "browser" in path.read_text("utf-8")]
    assert len(tests) > 200
    assert not [path for path in marked if ROOT / "tests" / "browser" not in path.parents]


def test_settings_are_short_and_config_holds_nothing_else():
    files = sorted(path.name for path in (PACKAGE / "config").glob("*.py"))
    assert files == ["__init__.py", "asgi.py", "settings.py", "urls.py"]
    assert len((PACKAGE / "config" / "settings.py").read_text("utf-8").splitlines()) < 200


@pytest.mark.parametrize("call", ["datetime.now", "datetime.utcnow", "date.today", "timezone.now", "time.localtime"])
def test_the_clock_is_the_only_source_of_now(call):
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.suffix == ".py"
        and path.name != "clock.py"
        and not {"tests", "launch", "migrations"} & set(path.parts)
        and re.search(rf"\b{re.escape(call)}\(", path.read_text("utf-8"))
    ]
    assert not found, f"use miasto.kernel.core.clock: {found}"


def test_every_package_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.suffix == ".py"
        and not {"tests", "migrations", "management"} & set(path.parts)
        and path.read_text("utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent


def test_public_functions_of_services_say_what_they_do_and_take_keywords():
    wrong = []
    for path in SOURCES:
        if path.name != "services.py" and "services" not in path.parts[-2:-1]:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    wrong.append(f"{path.relative_to(ROOT)}: {node.name} has no docstring")
                if len(node.args.args) > 1 and any(name.arg == "by" for name in node.args.args):
                    wrong.append(f"{path.relative_to(ROOT)}: {node.name} takes 'by' by position")
    assert not wrong
