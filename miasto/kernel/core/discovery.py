"""Finds engines and modules by their folders; there is no list to edit."""

from importlib import import_module
from pathlib import Path

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
