"""Finds engines and modules by their folders; there is no list to edit."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from miasto.kernel.core.city import city
from miasto.kernel.core.module import Engine, Module

PACKAGE = Path(__file__).resolve().parents[2]


def _packages(folder: str, marker: str) -> list[str]:
    return sorted(found.parent.name for found in (PACKAGE / folder).glob(f"*/{marker}"))


def engine_packages() -> list[str]:
    """Dotted names of the kernel's packages that declare an engine, sorted."""
    return [f"miasto.kernel.{name}" for name in _packages("kernel", "engine.py")]


def module_packages() -> list[str]:
    """Dotted names of the modules which the city's profile switches on, sorted.

    Raises ``ProfileError`` where the profile names a module that no folder holds.
    """
    present = _packages("modules", "module.py")
    enabled = city().enabled_modules(present)
    return [f"miasto.modules.{name}" for name in sorted(enabled)]


def installs() -> tuple[list[str], dict[str, Any]]:
    """``(further Django apps, further settings)`` that engines and modules bring in a file ``installs.py`` (docs/adr/0006).

    Such a file holds ``APPS``, ``SETTINGS`` and the ``PREFIX`` that each of its settings begins with, and imports nothing of
    Django. Raises ``ContractError`` for a setting without the prefix.
    """
    from miasto.kernel.core.registry import ContractError

    apps: list[str] = []
    settings: dict[str, Any] = {}
    for package in [*engine_packages(), *module_packages()]:
        if find_spec(f"{package}.installs") is None:
            continue
        brought = import_module(f"{package}.installs")
        for name in brought.SETTINGS:
            if not name.startswith(brought.PREFIX):
                raise ContractError(package, f"installs.py brings {name}", f"let it begin with {brought.PREFIX}")
        apps += brought.APPS
        settings |= brought.SETTINGS
    return apps, settings


def declarations() -> list[tuple[str, Module]]:
    """``(dotted package, declaration)`` of each engine and module, engines first."""
    found: list[tuple[str, Module]] = []
    for package in engine_packages():
        found.append((package, _read(package, "engine", "ENGINE", Engine)))
    for package in module_packages():
        found.append((package, _read(package, "module", "MODULE", Module)))
    return found


def _read(package: str, file: str, name: str, kind: type) -> Module:
    from miasto.kernel.core.registry import ContractError

    value = getattr(import_module(f"{package}.{file}"), name, None)
    if not isinstance(value, kind):
        raise ContractError(package, f"{file}.py holds no {name} = {kind.__name__}(...)", f"add it to {file}.py")
    return value
